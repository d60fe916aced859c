"""A client that nobody here wrote, generated from openapi.yaml, does a reseller's daily work.

What the generator can't express it leaves out with a warning, and then integrators have no such call; so a
warning fails.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contract_tests.promise import read_promise
from tests.conftest import StartSandbox
from tests.running import BASE

DOCUMENT = Path(__file__).parents[2] / "openapi.yaml"
PACKAGE = "bardge_client"
# whole names and no formatting: what is generated, not how it looks
SETTINGS = f"package_name_override: {PACKAGE}\npost_hooks: []\n"

A_BOOKING_AND_ITS_END = """
import json, sys

from bardge_client import AuthenticatedClient
from bardge_client.api.bookings import book_class, cancel_booking, get_booking_status, list_client_bookings
from bardge_client.models import (
    BookClassV3Request, BookingList, BookingStatus, CancelledClassBooking, ClassBooking, ClassBookingMade,
    ResellerV3BookingStatusResponse, ResellerV3ErrorResponse,
)
from bardge_client.types import UNSET

client = AuthenticatedClient(base_url=sys.argv[1], token="sk_sandbox_demo", raise_on_unexpected_status=True)

def order(instance):
    return BookClassV3Request(
        class_instance_id=instance, client_id="client_ada", first_name="Ada", last_name="Obi",
        user_pass_id="brgpass_ada",
    )

made = book_class.sync_detailed(client=client, body=order("ci_yoga_open"), idempotency_key="order-1")
again = book_class.sync_detailed(client=client, body=order("ci_yoga_open"), idempotency_key="order-1")
assert made.status_code == 201 and isinstance(made.parsed, ClassBookingMade), made
assert made.parsed.status is BookingStatus.PENDING and made.parsed.visits_deducted == 1, made.parsed
assert made.parsed.copay_required is False, made.parsed
assert again.parsed == made.parsed and again.headers["Idempotent-Replayed"] == "true", again
booking_id = made.parsed.booking_id

page = list_client_bookings.sync(client_id="client_ada", client=client, limit=50)
assert isinstance(page, BookingList) and page.has_more is False, page
assert {type(booking).__name__ for booking in page.data} <= {"ClassBooking", "SpaBooking"}, page
[ours] = [booking for booking in page.data if booking.id == booking_id]
assert isinstance(ours, ClassBooking) and ours.type_.value == "class", ours
assert (ours.date, ours.time) == (made.parsed.date, made.parsed.time), ours

cancelled = cancel_booking.sync(id=booking_id, client=client)
assert isinstance(cancelled, CancelledClassBooking), cancelled
assert cancelled.refund.visits_restored == 1 and cancelled.refund.amount_refunded == 0, cancelled
status = get_booking_status.sync(id=booking_id, client=client)
assert isinstance(status, ResellerV3BookingStatusResponse), status
assert status.status is BookingStatus.CANCELLED, status

refused = book_class.sync_detailed(client=client, body=order("ci_nowhere"))
assert refused.status_code == 404 and isinstance(refused.parsed, ResellerV3ErrorResponse), refused
assert refused.parsed.error.message and refused.parsed.error.request_id, refused

print(json.dumps({"booking": booking_id, "code": refused.parsed.error.code}))
"""


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder to import the client from."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "settings.yaml").write_text(SETTINGS)
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", str(DOCUMENT)]
    command += ["--meta", "none", "--output-path", str(folder / PACKAGE), "--fail-on-warning"]
    done = subprocess.run(
        [*command, "--config", str(folder / "settings.yaml")], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, f"The generator leaves something out:\n{done.stdout}{done.stderr}"
    return folder


def test_every_operation_can_be_called(generated: Path) -> None:
    """None was dropped on the way, each in a module of its own name."""
    modules = {module.stem for module in (generated / PACKAGE / "api").glob("*/*.py")} - {"__init__"}
    assert modules == set(read_promise().operations)


def test_it_books_lists_and_cancels_and_every_answer_has_its_type(
    generated: Path, running_sandbox: StartSandbox
) -> None:
    told = run_with(generated, running_sandbox("sqlite://").url + BASE)
    assert told["booking"].startswith("booking_")
    assert told["code"] == "resource_not_found"


def run_with(generated: Path, url: str) -> Any:
    environment = {**os.environ, "PYTHONPATH": str(generated)}
    command = [sys.executable, "-c", A_BOOKING_AND_ITS_END, url]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
