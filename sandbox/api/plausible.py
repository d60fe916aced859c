"""Values that look like what they are called: an `email` is an address, a `price` is money.

Faker is seeded anew for every single value from a hash of the seed, the resource and the place in the answer,
so that neither order nor other fields change a value. It is imported when first needed: that takes a while.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import blake2b
from random import Random
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

if TYPE_CHECKING:
    from faker import Faker

_EPOCH: Final = datetime(2024, 1, 1, tzinfo=UTC)
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz"
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def seed_of(*parts: object) -> int:
    """The same number for the same parts, on every machine and in every process."""
    text = "\x1f".join(map(str, parts))
    return int.from_bytes(blake2b(text.encode("utf-8", "backslashreplace"), digest_size=8).digest(), "big")


@cache
def _faker() -> Faker:
    from faker import Faker

    return Faker("en_US", use_weighting=False)


def fake(seed: int) -> Faker:
    faker = _faker()
    faker.seed_instance(seed)
    return faker


def words_of(name: str) -> list[str]:
    """`billingAddress_line1` -> billing, address, line, 1."""
    return [word.lower() for word in _WORDS.findall(name)]


def moment(seed: int) -> datetime:
    """A second within two years of the fixed start of all made-up times."""
    return _EPOCH + timedelta(seconds=Random(seed).randrange(0, 2 * 365 * 24 * 3600))


def _token(seed: int, length: int = 16) -> str:
    random = Random(seed)
    return "".join(random.choice("0123456789abcdefghijklmnopqrstuvwxyz") for _ in range(length))


_FORMATS: Final[dict[str, Callable[[int], str]]] = {
    "date-time": lambda seed: moment(seed).strftime("%Y-%m-%dT%H:%M:%SZ"),
    "date": lambda seed: moment(seed).strftime("%Y-%m-%d"),
    "time": lambda seed: moment(seed).strftime("%H:%M:%SZ"),
    "duration": lambda seed: f"PT{Random(seed).randrange(1, 60)}M",
    "email": lambda seed: fake(seed).safe_email(),
    "idn-email": lambda seed: fake(seed).safe_email(),
    "uuid": lambda seed: str(UUID(int=Random(seed).getrandbits(128), version=4)),
    "uri": lambda seed: f"https://example.com/{fake(seed).word()}/{_token(seed, 8)}",
    "url": lambda seed: f"https://example.com/{fake(seed).word()}/{_token(seed, 8)}",
    "iri": lambda seed: f"https://example.com/{fake(seed).word()}",
    "uri-reference": lambda seed: f"/{fake(seed).word()}/{_token(seed, 8)}",
    "iri-reference": lambda seed: f"/{fake(seed).word()}",
    "uri-template": lambda seed: f"/{fake(seed).word()}/{{id}}",
    "hostname": lambda seed: f"{fake(seed).word()}.example.com",
    "idn-hostname": lambda seed: f"{fake(seed).word()}.example.com",
    "ipv4": lambda seed: fake(seed).ipv4_private(),
    "ip": lambda seed: fake(seed).ipv4_private(),
    "ipv6": lambda seed: f"2001:db8::{Random(seed).randrange(1, 65535):x}",
    "cidr": lambda seed: f"10.{Random(seed).randrange(256)}.0.0/16",
    "byte": lambda seed: base64.b64encode(_token(seed, 12).encode()).decode(),
    "base64": lambda seed: base64.b64encode(_token(seed, 12).encode()).decode(),
    "base64url": lambda seed: base64.urlsafe_b64encode(_token(seed, 12).encode()).decode(),
    "binary": lambda seed: _token(seed, 24),
    "password": lambda seed: f"Aa1-{_token(seed, 12)}",
    "json-pointer": lambda seed: f"/{fake(seed).word()}/0",
    "relative-json-pointer": lambda _: "0/name",
    "regex": lambda _: "^[a-z]+$",
    "phone": lambda seed: f"+1202555{Random(seed).randrange(10000):04}",
    "color": lambda seed: f"#{Random(seed).randrange(0x1000000):06x}",
    "hex-color": lambda seed: f"#{Random(seed).randrange(0x1000000):06x}",
    "decimal": lambda seed: f"{Random(seed).randrange(100, 100000) / 100:.2f}",
    "int64": lambda seed: str(Random(seed).randrange(1, 10**9)),
    "int32": lambda seed: str(Random(seed).randrange(1, 10**6)),
    "unix-time": lambda seed: str(int(moment(seed).timestamp())),
    "country-code": lambda seed: fake(seed).country_code(),
    "currency": lambda seed: fake(seed).currency_code(),
    "ulid": lambda seed: "01" + _token(seed, 24).upper().translate(str.maketrans("ILOU", "1100")),
}

# The last word of a name says most: `billing_city` is a city. The first rule that fits counts.
_TEXTS: Final[list[tuple[str, Callable[[Faker], str]]]] = [
    (r"e ?mail", lambda f: f.safe_email()),
    (r"first name|given name|forename", lambda f: f.first_name()),
    (r"last name|family name|surname", lambda f: f.last_name()),
    (r"user name|login|handle|nickname", lambda f: f.user_name()),
    (r"full name|display name|(?:customer|author|owner|holder|contact|person) name", lambda f: f.name()),
    (r"company|organi[sz]ation(?: name)?|employer|vendor|merchant(?: name)?", lambda f: f.company()),
    (r"city|town", lambda f: f.city()),
    (r"state|province|region", lambda f: f.state()),
    (r"country code", lambda f: f.country_code()),
    (r"country", lambda f: f.country()),
    (r"zip|postcode|post code|postal code|zip code", lambda f: f.postcode()),
    (r"street|line 1|address line 1|address 1", lambda f: f.street_address()),
    (r"line 2|address 2", lambda f: f.secondary_address()),
    (r"(?:ip|ip address)", lambda f: f.ipv4_private()),
    (r"address", lambda f: f.address().replace("\n", ", ")),
    (r"phone|mobile|fax|telephone|phone number", lambda f: f.numerify("+1202555####")),
    (r"currency|currency code", lambda f: f.currency_code()),
    (r"locale", lambda f: f.locale()),
    (r"language", lambda f: f.language_name()),
    (r"time ?zone", lambda f: f.timezone()),
    (r"colou?r", lambda f: f.hex_color()),
    (r"(?:url|uri|link|href|website|homepage|image|avatar|photo|picture|logo|icon|thumbnail)",
     lambda f: f"https://example.com/{f.word()}/{f.word()}"),
    (r"user agent", lambda f: f.user_agent()),
    (r"host|hostname|domain(?: name)?", lambda f: f"{f.word()}.example.com"),
    (r"path", lambda f: f"/{f.word()}/{f.word()}"),
    (r"file ?name|file", lambda f: f.file_name()),
    (r"mime ?type|content type|media type", lambda f: f.mime_type()),
    (r"version", lambda f: f.numerify("#.#.#")),
    (r"sha|hash|digest|checksum|etag|fingerprint", lambda f: f.sha1()),
    (r"uuid|guid", lambda f: f.uuid4()),
    (r"token|secret|key|signature|passcode|password", lambda f: f.lexify("?" * 18, _LETTERS + "23456789")),
    (r"id|identifier|reference|ref|number|code|sku", lambda f: f.bothify("??####", _LETTERS)),
    (r"slug", lambda f: f.slug()),
    (r"job|profession|occupation|job title", lambda f: f.job()),
    (r"title|subject|headline|caption|heading", lambda f: f.sentence(4).rstrip(".")),
    (r"description|summary|text|body|message|comment|note|notes|content|bio|details|reason|about",
     lambda f: f.sentence(8)),
    (r"date|day", lambda f: moment(f.random.getrandbits(32)).strftime("%Y-%m-%d")),
    (r"time", lambda f: moment(f.random.getrandbits(32)).strftime("%H:%M")),
    (r"at|timestamp|created|updated|modified|expires",
     lambda f: moment(f.random.getrandbits(32)).isoformat()),
    (r"price|amount|total|cost|balance|fee", lambda f: f.numerify("%#.##")),
    (r"name|label", lambda f: " ".join(f.words(2)).title()),
    (r"gender|sex", lambda f: f.random_element(("female", "male"))),
    (r"tag|category|type|kind|status|role|group", lambda f: f.word()),
]  # fmt: skip
_TEXT_RULES: Final = [(re.compile(rf"(?:^|.* )(?:{pattern})s?(?: \d+)?"), make) for pattern, make in _TEXTS]

_AMOUNTS: Final[list[tuple[str, tuple[int, int]]]] = [
    (r"percent|percentage|rate|score|progress", (1, 99)),
    (r"lat|latitude", (-60, 60)),
    (r"lon|lng|long|longitude", (-120, 120)),
    (r"year", (2020, 2030)),
    (r"month", (1, 12)),
    (r"day", (1, 28)),
    (r"hour", (0, 23)),
    (r"minute|second", (0, 59)),
    (r"age", (18, 80)),
    (r"quantity|qty|count|size|limit|page|pages|position|index|rank|order|level", (1, 20)),
    (r"rating|stars", (1, 5)),
    (r"price|amount|total|cost|fee|balance|subtotal|tax|salary", (500, 50_000)),
    (r"width|height", (100, 1920)),
    (r"port", (1024, 49151)),
    (r"status|code", (200, 204)),
]
_AMOUNT_RULES: Final = [(re.compile(rf"(?:^|.* )(?:{pattern})"), span) for pattern, span in _AMOUNTS]
_INSTANT: Final = re.compile(
    r"(?:^|.* )(?:at|timestamp|created|updated|modified|expires|epoch|time|date)(?: ms)?"
)


def text_for_format(format_name: str, seed: int) -> str | None:
    make = _FORMATS.get(format_name.lower())
    return None if make is None else make(seed)


def text_for_name(name: str, seed: int) -> str:
    spoken = " ".join(words_of(name))
    for rule, make in _TEXT_RULES:
        if rule.fullmatch(spoken):
            return make(fake(seed))
    return fake(seed).word()


def span_for_name(name: str) -> tuple[int, int]:
    """The range a number of this name usually lies in."""
    spoken = " ".join(words_of(name))
    if _INSTANT.fullmatch(spoken):
        return int(_EPOCH.timestamp()), int(_EPOCH.timestamp()) + 2 * 365 * 24 * 3600
    for rule, span in _AMOUNT_RULES:
        if rule.fullmatch(spoken):
            return span
    return 1, 1000


def instant_ms(seed: int) -> int:
    return int(moment(seed).timestamp() * 1000)


def any_of(seed: int, choices: list[Any]) -> Any:
    return choices[Random(seed).randrange(len(choices))]
