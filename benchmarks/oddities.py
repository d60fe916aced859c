"""Odd values: what a clumsy or hostile client puts where something ordinary belongs."""

NUMBERS = (
    *["1e400", "-1e400", "-0", "0", "NaN", "Infinity", "1e-400"],
    "9" * 400,
    *["-1", "2147483648", "5.0", "1.5", "9223372036854775807", "9223372036854775808"],
    *["253402300800000", "1E2", "0x10"],
    *["01", "+1", ".5"],
)

TEXTS = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "\udfff\ud800",
    "\u202e",
    "💥" * 30,
    "A" * 101,
    "A" * 5000,
    "\r\n",
    *["client_ada", "brgpass_ada", "../../etc/passwd"],
    "' OR 1=1 --",
    *["%00", "${x}", "{{7*7}}", "<script>", "null", "true", "0", "-1", "1e400"],
    "٣",
    "lkpt_" + "x" * 200,
    *["sk_sandbox_demo", "pass_premium", "ci_yoga_open"],
)

PATHS = (
    *["/", "//", "/.", "/..", "/../../etc/passwd", "/%2e%2e/%2e%2e", "/%00", "/%", "/%zz", "/%ff%fe"],
    "/\\",
    *["/;x=1", "/a%2Fb", "/%2F", "/passes/", "//passes", "/passes//", "/PASSES", "/passes%0d%0aX:1"],
    *["/passes%20"],
    "/passés",
    "/passes/%ED%A0%80",
    "/clients/" + "a" * 5000,
    "/clients/" + "%41" * 400,
    "/" + "a/" * 2000,
    *["/passes#x", "/passes?"],
)

QUERIES = (
    *["limit=", "limit=0", "limit=101", "limit=-1", "limit=1e2"],
    "limit=٣",
    *["limit=1&limit=2", "limit=%31", "=", "&&&", "x"],
    "limit=" + "9" * 500,
    *["starting_after=%00", "starting_after=nope", "ending_before=a&starting_after=b", "%ff=%ff"],
    *["lat=1e400&lon=0", "lat=NaN&lon=NaN", "lat=6.4&lon=3.4&limit=100", "lat=91&lon=0"],
    "q=" + "a" * 8000,
    "&".join(["a=b"] * 2000),
)

METHODS = (
    *["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "get"],
    "GÉT",
    "A" * 300,
)

HEADERS = (
    "Authorization: ",
    "Authorization: Bearer",
    "Authorization: Bearer \x7f",
    "Authorization: Basic eDp5",
    "authorization: x",
    "Idempotency-Key: ",
    "Idempotency-Key: " + "k" * 256,
    "Idempotency-Key: a b",
    "Idempotency-Key: é",
    "Idempotency-Key: k",
    "Bardge-Lookup-Token: nope",
    "Bardge-Lookup-Token: " + "x" * 4000,
    "Prefer: code=999",
    "Prefer: code=x, example=ÿ",
    "Host: ",
    "Host: evil.example",
    "Host: 127.0.0.1:4010@evil.example",
    "Origin: null",
    "Expect: 100-continue",
    "Expect: tea",
    "Content-Type: text/plain",
    "Content-Type: application/json; charset=utf-16",
    "Content-Type: ÿ",
    "Accept: image/png",
    "Connection: close",
    "Connection: upgrade",
    "Upgrade: h2c",
    "X-Forwarded-Proto: ÿ",
    "Cookie: " + "a=b; " * 500,
    "Sandbox-Fault: nonsense",
    "Sandbox-Fault: after; status=200",
    "Range: bytes=0-",
    "Transfer-Encoding: identity",
)
