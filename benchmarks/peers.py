"""The peers: what they are, how they are had, how they are started, and what is asked of them.

They are installed outside the repository, in the user's cache, each at the version named here.
Those that mock any OpenAPI document get ours, and are asked the very same questions; those that
imitate one vendor are asked the nearest thing they have, and the table says so.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.older import in_three_zero
from benchmarks.wrk import Load

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "openapi.yaml"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "bardge-sandbox-bench"
BASE = "/v3/api/business/reseller"

JSON = {"Content-Type": "application/json"}
KEY = {"Authorization": "Bearer sk_sandbox_demo"}
NAMES = {"first_name": "Ngozi", "last_name": "Eze"}

Exercises = Mapping[str, Load]


class CannotBeHad(Exception):
    """The peer cannot be installed here; the message says why."""


@dataclass(frozen=True)
class Peer:
    name: str
    version: str
    install: Callable[[], Path]  # the program
    command: Callable[[Path, int, Path], list[str]]  # of program, port and a folder of its own
    exercises: Exercises
    prepare: tuple[tuple[str, str, str], ...] = ()  # method, path and body, said once before
    remark: str = ""


def from_npm(package: str, version: str, program: str) -> Callable[[], Path]:
    def install() -> Path:
        folder = CACHE / "npm" / f"{package.replace('/', '-')}@{version}"
        found = folder / "node_modules" / ".bin" / program
        if not found.exists():
            _require("npm")
            folder.mkdir(parents=True, exist_ok=True)
            _run("npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", f"{package}@{version}")
        return found

    return install


def from_pip(package: str, version: str, program: str) -> Callable[[], Path]:
    def install() -> Path:
        folder = CACHE / "pip" / f"{package.partition('[')[0]}@{version}"
        found = folder / "bin" / program
        if not found.exists():
            _run(sys.executable, "-m", "venv", str(folder))
            _run(str(folder / "bin" / "pip"), "install", "--quiet", f"{package}=={version}")
        return found

    return install


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise CannotBeHad((done.stderr or done.stdout).strip().splitlines()[-1][:200])


def _require(program: str) -> None:
    if shutil.which(program) is None:
        raise CannotBeHad(f"{program} is not installed here")


def of_our_document(base: str) -> Exercises:
    """The questions our own sandbox is asked, of a peer that answers from the same document."""

    def post(path: str, body: object) -> Load:
        return Load("POST", [f"{base}{path} {json.dumps(body)}"], KEY | JSON)

    booking = {
        "class_instance_id": "ci_yoga_open",
        "client_id": "client_ada",
        "user_pass_id": "brgpass_ada",
        **NAMES,
    }
    return {
        "get_booking_status": Load("GET", [f"{base}/bookings/booking_ada"], KEY),
        "list_client_bookings": Load("GET", [f"{base}/clients/client_ada/bookings?limit=20"], KEY),
        "purchase_credits": post("/credit_purchases", {"client_id": "client_ada", "package_id": "cpkg_50"}),
        "book_class": post("/bookings/class", booking),
        "cancel_booking": post("/bookings/booking_ada/cancel", {}),
    }


def _stripe() -> Exercises:
    form = {"Authorization": "Bearer sk_test_1", "Content-Type": "application/x-www-form-urlencoded"}
    return {
        "get_booking_status": Load("GET", ["/v1/balance"], form),
        "list_client_bookings": Load("GET", ["/v1/customers?limit=20"], form),
        "purchase_credits": Load("POST", ["/v1/customers email=ada@example.com"], form),
    }


def _moto() -> Exercises:
    signed = (
        "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
    )
    key = {"Authorization": signed}
    return {
        "get_booking_status": Load("GET", ["/bucket/key"], key),
        "list_client_bookings": Load("GET", ["/bucket?max-keys=20"], key),
        "purchase_credits": Load(
            "PUT", ['/bucket/key {"client_id":"client_ada","package_id":"cpkg_50"}'], key
        ),
    }


def _wiremock(program: Path, port: int, folder: Path) -> list[str]:
    """A stub for each question, answered with the document's own example; the journal is on, as it comes."""
    mappings = folder / "mappings"
    mappings.mkdir(exist_ok=True)
    stubs = [
        {
            "request": {"method": method, "urlPathPattern": path},
            "response": {"status": status, "jsonBody": body, "headers": JSON},
        }
        for method, path, status, body in _stub_answers()
    ]
    (mappings / "stubs.json").write_text(json.dumps({"mappings": stubs}))
    return [str(program), "--port", str(port), "--root-dir", str(folder)]


def _stub_answers() -> list[tuple[str, str, int, object]]:
    status: dict[str, object] = {
        "object": "booking_status",
        "id": "booking_ada",
        "status": "CONFIRMED",
        "type": "class",
        "scheduled_for": 1790000000,
        "updated": 1789990000,
        "message": "The venue confirmed it.",
    }
    booking = status | {
        "object": "booking",
        "provider_name": "FitZone",
        "class_name": "Yoga",
        "date": "2026-09-21",
        "time": "15:13",
        "created": 1789990000,
        "visits_deducted": 1,
    }
    page = {"object": "list", "data": [booking] * 20, "has_more": True, "url": "/clients/client_ada/bookings"}
    return [
        ("GET", "/bookings/[^/]+", 200, status),
        ("GET", "/clients/[^/]+/bookings", 200, page),
        ("POST", "/credit_purchases", 201, {"object": "credit_purchase", "id": "crp_1", "balance": 50}),
        ("POST", "/bookings/class", 201, booking),
        ("POST", "/bookings/[^/]+/cancel", 200, booking),
    ]


def _connexion(program: Path, port: int, folder: Path) -> list[str]:
    document = folder / "openapi.yaml"
    document.write_text(in_three_zero(DOCUMENT))
    return [str(program), "run", str(document), "--mock", "all", "--port", str(port)]


def _prism(*flags: str) -> Callable[[Path, int, Path], list[str]]:
    return lambda program, port, _: [str(program), "mock", str(DOCUMENT), "--port", str(port), *flags]


PRISM, PRISM_SILENT = "Prism", "Prism, silent"

PEERS = (
    Peer(PRISM, "5.16.0", from_npm("@stoplight/prism-cli", "5.16.0", "prism"), _prism(), of_our_document("")),
    Peer(
        PRISM_SILENT,
        "5.16.0",
        from_npm("@stoplight/prism-cli", "5.16.0", "prism"),
        _prism("--verboseLevel", "silent"),
        of_our_document(""),
    ),
    Peer(
        "Mockoon CLI",
        "9.9.0",
        from_npm("@mockoon/cli", "9.9.0", "mockoon-cli"),
        lambda program, port, _: [
            *(str(program), "start", "--data", str(DOCUMENT), "--port", str(port), "--disable-log-to-file"),
        ],
        of_our_document(BASE),
        remark="accepts any body and any key",
    ),
    Peer(
        "WireMock",
        "3.13.2",
        from_npm("wiremock", "3.13.2", "wiremock"),
        _wiremock,
        of_our_document(""),
        remark="fixed stubs, nothing validated; journal on",
    ),
    Peer(
        "Specmatic",
        "2.55.1",
        from_npm("specmatic", "2.55.1", "specmatic"),
        lambda program, port, _: [str(program), "stub", str(DOCUMENT), "--port", str(port)],
        of_our_document(""),
    ),
    Peer(
        "connexion",
        "3.3.0",
        from_pip("connexion[flask,uvicorn]", "3.3.0", "connexion"),
        _connexion,
        of_our_document(BASE),
        remark="the document said in OpenAPI 3.0, without keys: it reads no 3.1",
    ),
    Peer(
        "localstripe",
        "1.15.10",
        from_pip("localstripe", "1.15.10", "localstripe"),
        lambda program, port, _: [str(program), "--port", str(port), "--from-scratch"],
        _stripe(),
        remark="Stripe's API: a balance, 20 customers, a new customer",
    ),
    Peer(
        "moto",
        "5.2.5",
        from_pip("moto[s3,server]", "5.2.5", "moto_server"),
        lambda program, port, _: [str(program), "-p", str(port)],
        _moto(),
        prepare=(("PUT", "/bucket", ""), *(("PUT", f"/bucket/key{n or ''}", "{}") for n in range(25))),
        remark="S3: an object, a listing, a put",
    ),
)
