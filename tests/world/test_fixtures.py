# ruff: noqa: E501 - records stand on one line, as people write them
"""What people write becomes records, or is told back to them with file, line, field and remedy."""

import re
from functools import cache
from pathlib import Path as FilePath
from typing import Any, TypeVar

import pytest

from sandbox import places
from sandbox.app import build
from sandbox.domain import bookings, classes, copay, credits, lookup, passes, sessions, visits
from sandbox.domain.clients import digest
from sandbox.domain.moments import DAY, HOUR, MINUTE, Millis, midnight, rfc3339
from sandbox.domain.records import (
    AccessCode,
    Account,
    Booking,
    BookingSession,
    Client,
    CopayPurchase,
    CreditPurchase,
    Instance,
    IssuedPass,
    Lookup,
    LookupToken,
    Lot,
    Message,
    Package,
    Provider,
    Quote,
    Record,
    SpaDay,
)
from sandbox.domain.resources import named
from sandbox.settings import Settings
from sandbox.spec import Document, Schemas
from sandbox.spec.wording import faults_of
from sandbox.world.desk import Desk
from sandbox.world.fixtures import given_in, place, read_cast, unchecked
from sandbox.world.sheets import FixtureError, Path, read_sheet
from sandbox.world.vocabulary import COLLECTIONS
from tests.domain.paper_books import PaperBooks
from tests.world.town_books import A_TUESDAY, CAST, base_of

R = TypeVar("R", bound=Record)

NOW = Millis(midnight(A_TUESDAY) + 12 * HOUR)


@cache
def schemas() -> Schemas:
    return Schemas(Document.load(places.DOCUMENT, strict=True))


def fits(schema: str, value: Any) -> list[tuple[Path, str]]:
    shape = schemas().shape({"$ref": f"#/components/schemas/{schema}"}, "answer", schema)
    if shape.is_valid(value):
        return []
    return [
        (tuple(fault.where.strip(".").split(".")), fault.message) for fault in faults_of(shape, value, "")
    ]


def given(text: str, now: Millis = NOW) -> PaperBooks:
    """The cast with what a scenario places on top of it, as books to read in."""
    below = base_of()
    desk = Desk(
        now,
        lambda kind, id_: below.find(kind.kind, id_),
        lambda kind: [one.id for one in below.all(kind.kind)],
    )
    sheet = read_sheet(text, "scenarios/a.yaml")
    place(given_in(sheet, sheet.value["given"], ("given",)), desk, fits)
    books = PaperBooks(now=now)
    for kind in ("account", "client", "issued_pass", "pass", "provider", "service", "copay_option", "lot"):
        for record in base_of().all(kind):
            books.put(record)
    for kind in ("class", "class_instance", "transaction", "credit_package"):
        for record in base_of().all(kind):
            books.put(record)
    for record in desk.placed.values():
        books.put(record)
    return books


def mistakes(text: str) -> list[str]:
    with pytest.raises(FixtureError) as caught:
        given(text)
    return [str(mistake) for mistake in caught.value.mistakes]


# --- the cast as it is shipped --------------------------------------------------------------


@pytest.mark.parametrize("day", ["2026-05-12", "2028-02-29"])
def test_every_record_of_the_cast_is_as_the_document_promises(day: str) -> None:
    asked: list[str] = []

    def check(schema: str, value: Any) -> list[tuple[Path, str]]:
        asked.append(schema)
        return fits(schema, value)

    records = CAST.on(midnight(A_TUESDAY.fromisoformat(day)), check)
    assert len(records) > 70
    assert len(set(asked)) == 10


def test_the_schemas_that_collections_name_exist() -> None:
    known = re.findall(r"^    (\w+):$", places.DOCUMENT.read_text("utf-8"), re.MULTILINE)
    assert {one.schema for one in COLLECTIONS.values() if one.schema} <= set(known)


def test_a_fixture_that_breaks_the_document_is_told_by_file_line_and_field(tmp_path: FilePath) -> None:
    folder = tmp_path / "fixtures"
    folder.mkdir()
    for file in places.FIXTURES.glob("*.yaml"):
        (folder / file.name).write_text(file.read_text("utf-8"), "utf-8")
    providers = folder / "providers.yaml"
    providers.write_text(
        providers.read_text("utf-8")
        .replace("lat: 6.4316", "lat: 96.4316")
        .replace("tier: PREMIUM", "teir: PREMIUM", 1)
    )
    with pytest.raises(FixtureError) as caught:
        read_cast(folder).on(midnight(A_TUESDAY), fits)
    told = [str(mistake) for mistake in caught.value.mistakes]
    assert told[0].startswith("fixtures/providers.yaml:10: providers[prov_fitzone].lat: ")
    assert "90" in told[0]
    assert told[1].startswith("fixtures/providers.yaml:19: providers[prov_ironhouse].teir: is not a field")
    assert "Did you mean 'tier'?" in told[1]
    assert len(told) == 2  # what names these two is not blamed for them


def test_a_mistake_in_a_fixture_stops_the_start(tmp_path: FilePath, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in places.FIXTURES.glob("*.yaml"):
        (tmp_path / file.name).write_text(file.read_text("utf-8"), "utf-8")
    (tmp_path / "services.yaml").write_text("- { id: svc_x, provider_id: prov_zenn, name: X }\n", "utf-8")
    monkeypatch.setattr(places, "FIXTURES", tmp_path)
    with pytest.raises(FixtureError, match=r"No provider has the id 'prov_zenn'\. Did you mean 'prov_zen'"):
        build(Settings(database="sqlite://"))


def test_a_file_that_is_no_collection_is_told(tmp_path: FilePath) -> None:
    (tmp_path / "clinets.yaml").write_text("[]\n")
    with pytest.raises(FixtureError, match=r"'clinets' is no collection\. Did you mean 'clients'\?"):
        read_cast(tmp_path)


# --- what is placed on top ------------------------------------------------------------------


def test_a_known_id_is_changed_field_by_field() -> None:
    books = given("given:\n  clients:\n    - id: client_ada\n      email: new@example.com\n")
    ada = named(books, Client, "client_ada")
    assert (ada.email, ada.first_name, ada.credits_held) == ("new@example.com", "Ada", 50)


def test_a_pass_can_be_over_cancelled_or_used_up() -> None:
    books = given(
        """
given:
  issued_passes:
    - id: brgpass_ada
      expires_at: now-1h
    - id: brgpass_low_credits
      status: CANCELLED
    - id: brgpass_standard
      sandbox: { visits_used: { GYM: 7 } }
    - id: brgpass_visits_used
      sandbox: { bought_visits: [{ category: GYM, count: 3, used: 1, bought: -2d }] }
"""
    )
    over, cancelled, used, bought = (
        named(books, IssuedPass, f"brgpass_{name}")
        for name in ("ada", "low_credits", "standard", "visits_used")
    )
    package = named(books, Package, "pass_premium")
    assert passes.status(over, package, NOW) == "EXPIRED"
    assert passes.status(cancelled, package, NOW) == "CANCELLED"
    assert cancelled.cancelled == NOW
    standard = named(books, Package, "pass_standard")
    assert visits.left(used, standard, "GYM", NOW) == 1
    assert visits.left(bought, standard, "GYM", NOW) == 2


def test_a_pass_that_begins_another_day_expires_another_day() -> None:
    books = given("given:\n  issued_passes:\n    - { id: brgpass_ada, start_date: '-5d 10:00' }\n")
    assert rfc3339(named(books, IssuedPass, "brgpass_ada").expires) == "2027-05-07T09:00:00.000Z"


def test_a_new_client_with_a_new_pass_needs_little() -> None:
    books = given(
        """
given:
  clients:
    - { id: client_new, first_name: New, last_name: One, email: null, phone: null, created: -1d, sandbox: { account: demo } }
  issued_passes:
    - { id: brgpass_new, client_id: client_new, pass_id: pass_spa, start_date: now-1h }
"""
    )
    pass_ = named(books, IssuedPass, "brgpass_new")
    assert (pass_.owner, pass_.created) == ("acct_demo", NOW - HOUR)
    assert pass_.tx_ref.startswith("FLW-TXN-")
    assert passes.usable(pass_, NOW)


def test_a_session_of_a_class_can_be_filled_or_cancelled() -> None:
    books = given(
        """
given:
  class_instances:
    - { id: ci_yoga_open, spots_left: 1 }
    - { id: ci_hiit_open, status: CANCELLED }
    - { id: ci_new, class_id: class_yoga, scheduled_for: now+20m, capacity: 5 }
"""
    )
    assert classes.spots_left(named(books, Instance, "ci_yoga_open"), NOW) == 1
    assert classes.status(named(books, Instance, "ci_hiit_open"), NOW) == "CANCELLED"
    new = named(books, Instance, "ci_new")
    assert (new.starts, new.ends) == (NOW + 20 * MINUTE, NOW + 80 * MINUTE)


def test_lots_and_purchases_come_with_their_ledger() -> None:
    books = given(
        """
given:
  credits:
    - { id: lot_ada, sandbox: { remaining: 3 } }
    - { id: lot_soon, client_id: client_ada, credits: 10, expires_at: now+1d, created: -1d }
    - { id: lot_lapsed, client_id: client_ada, credits: 4, expires_at: -1d, created: -9d }
  credit_purchases:
    - { id: crp_one, client_id: client_no_credits, package_id: cpkg_10_plus_2, created: -2d, sandbox: { remaining: 5 } }
    - { id: crp_back, client_id: client_low_credits, package_id: cpkg_90_days, created: -2d, sandbox: { refunded_at: -1d } }
"""
    )
    for client_id, balance in (("client_ada", 13), ("client_no_credits", 5), ("client_low_credits", 2)):
        client = named(books, Client, client_id)
        lines = list(credits.ledger(books, client))
        signed = [line.amount if line.type == "CREDIT" else -line.amount for line in lines]
        assert credits.balance(books, client) == sum(signed) == balance
    bought = named(books, CreditPurchase, "crp_one")
    assert (bought.credits_added, bought.price_kobo, bought.expires) == (12, 1_000_000, None)
    refunded = named(books, CreditPurchase, "crp_back")
    assert (refunded.expires, named(books, Lot, refunded.lot_id).remaining) == (
        refunded.created + 90 * DAY,
        0,
    )


def test_a_booking_takes_its_seat_and_its_visit() -> None:
    books = given(
        """
given:
  bookings:
    - { id: booking_a, client_id: client_standard, class_instance_id: ci_yoga_open, user_pass_id: brgpass_standard, created: -1d }
    - { id: booking_b, client_id: client_ada, class_instance_id: ci_yoga_last_seat, user_pass_id: brgpass_ada }
    - { id: booking_c, client_id: client_ada, class_instance_id: ci_workshop_open, user_pass_id: brgpass_ada, sandbox: { spent: { lot_ada: 5 } } }
    - { id: booking_d, client_id: client_ada, class_instance_id: ci_yoga_open, user_pass_id: brgpass_ada, status: CANCELLED, created: -1d }
"""
    )
    statuses = {n: bookings.status(named(books, Booking, f"booking_{n}"), NOW) for n in "abcd"}
    assert statuses == {"a": "CONFIRMED", "b": "PENDING", "c": "PENDING", "d": "CANCELLED"}
    standard = named(books, Package, "pass_standard")
    assert visits.left(named(books, IssuedPass, "brgpass_standard"), standard, "GYM", NOW) == 7
    assert classes.spots_left(named(books, Instance, "ci_yoga_last_seat"), NOW) == 0
    assert named(books, Instance, "ci_yoga_open").seats.keys() == {"client_standard"}
    assert credits.balance(books, named(books, Client, "client_ada")) == 45
    returned = named(books, Booking, "booking_d")
    assert returned.refund is not None
    assert returned.refund.visits_restored == 1


def test_a_treatment_takes_its_room_and_a_copay_pays_it() -> None:
    books = given(
        """
given:
  copay_purchases:
    - { copay_purchase_id: cpp_spa, client_id: client_standard, created: now-1h, sandbox: { service_ids: [svc_massage] } }
    - { copay_purchase_id: cpp_gym, client_id: client_standard, copay_option_id: copay_ironhouse_month, created: -3d }
  bookings:
    - id: booking_spa
      client_id: client_standard
      service_ids: [svc_massage]
      scheduled_for: "+1d 10:00"
      user_pass_id: brgpass_standard
      sandbox: { copay_purchase_id: cpp_spa }
    - id: booking_gym
      client_id: client_standard
      class_instance_id: ci_hiit_open
      user_pass_id: brgpass_standard
      sandbox: { copay_purchase_id: cpp_gym }
"""
    )
    booking = named(books, Booking, "booking_spa")
    assert (booking.title, booking.payment.copay_kobo) == ("Deep Tissue Massage", 2_500_000)
    assert [one.hold.by for one in named(books, SpaDay, "prov_zen:2026-05-13").appointments] == [
        "booking_spa"
    ]
    assert named(books, CopayPurchase, "cpp_spa").spent_on == "booking_spa"
    gym = named(books, CopayPurchase, "cpp_gym")
    assert (gym.used, gym.visits, copay.runs(gym, NOW)) == (1, 8, True)
    assert copay.in_hand(books, "client_standard", named(books, Provider, "prov_ironhouse")) == gym


def test_sessions_hold_and_lapse() -> None:
    books = given(
        """
given:
  sessions:
    - session_id: sess_seat
      client_id: client_standard
      class_instance_id: ci_hiit_open
      user_pass_id: brgpass_standard
      copay_required: true
      copay_options: [copay_ironhouse_month, copay_ironhouse_year]
    - session_id: sess_room
      client_id: client_ada
      service_ids: [svc_facial]
      scheduled_for: "+2d 09:00"
      user_pass_id: brgpass_ada
    - session_id: sess_door
      client_id: client_standard
      provider_id: prov_ironhouse
      user_pass_id: brgpass_standard
      copay_required: true
      copay_options: [copay_ironhouse_month]
      created: now-1h
"""
    )
    seat, room, door = (named(books, BookingSession, f"sess_{name}") for name in ("seat", "room", "door"))
    assert [one.opens for one in (seat, room, door)] == ["class", "spa", "access_code"]
    assert [sessions.status(one, NOW) for one in (seat, room, door)] == ["OPEN", "OPEN", "EXPIRED"]
    assert (seat.due, len(seat.option_ids), seat.expires) == ("COPAY", 2, NOW + sessions.LIVES)
    assert classes.spots_left(named(books, Instance, "ci_hiit_open"), NOW) == 15


def test_what_begins_or_ends_in_a_world_that_starts_between_two_seconds_does_so_on_one() -> None:
    """Answers tell these moments in whole seconds; codes, and sessions for them, in milliseconds."""
    books = given(
        """
given:
  class_instances:
    - { id: ci_soon, class_id: class_hiit, scheduled_for: now+2h, capacity: 4, spots_left: 4 }
  sessions:
    - { session_id: sess_seat, client_id: client_standard, class_instance_id: ci_soon, user_pass_id: brgpass_standard }
    - { session_id: sess_room, client_id: client_ada, service_ids: [svc_facial], scheduled_for: "+2d 09:00", user_pass_id: brgpass_ada, expires_at: now+5m }
    - { session_id: sess_door, client_id: client_standard, provider_id: prov_ironhouse, user_pass_id: brgpass_standard }
""",
        now=Millis(NOW + 789),
    )
    seat, room, door = (
        named(books, BookingSession, f"sess_{name}").expires for name in ("seat", "room", "door")
    )
    assert named(books, Instance, "ci_soon").starts == NOW + 2 * HOUR
    assert (seat, room) == (NOW + sessions.LIVES, NOW + 5 * MINUTE)
    assert door == NOW + 789 + sessions.LIVES


def test_quotes_codes_and_lookups_can_be_at_hand() -> None:
    books = given(
        """
given:
  quotes:
    - { id: quote_old, client_id: client_standard, service_ids: [svc_massage], user_pass_id: brgpass_standard, created: now-11m }
  access_codes:
    - { id: code_today, client_id: client_ada, provider_id: prov_fitzone, user_pass_id: brgpass_ada }
    - { id: code_used, access_code: 0123456789, client_id: client_ada, provider_id: prov_zen, user_pass_id: brgpass_ada, sandbox: { used_at: now-1h } }
  lookups:
    - { id: lkp_open, issuer_id: iss_partner, client_id: client_partner, sandbox: { account: demo, access_code: "123456" } }
    - { id: lkp_done, client_id: client_partner, sandbox: { account: demo, lookup_token: lkpt_known } }
"""
    )
    quote = named(books, Quote, "quote_old")
    assert (quote.amount_kobo, quote.expires < NOW) == (2_500_000, True)
    assert rfc3339(named(books, AccessCode, "code_today").expires) == "2026-05-12T22:59:59.999Z"
    assert [one.id for one in books.rising(AccessCode, "0123456789")] == ["code_used"]
    pending, done = named(books, Lookup, "lkp_open"), named(books, Lookup, "lkp_done")
    assert (pending.owner, pending.issuer, pending.code, pending.verified) == (
        "acct_demo",
        "acct_partner",
        "123456",
        None,
    )
    assert done.verified is not None
    token = named(books, LookupToken, digest("lkpt_known"))
    assert (token.owner, token.client_id, token.expires) == (
        "acct_demo",
        "client_partner",
        NOW + lookup.TOKEN_LIVES,
    )
    assert named(books, Message, "msg_lkp_open").code == "123456"


def test_an_account_can_be_poor_or_closed() -> None:
    books = given("given:\n  accounts:\n    - { id: acct_demo, balance: 100, enabled: false }\n")
    demo = named(books, Account, "acct_demo")
    assert (demo.balance_kobo, demo.enabled, demo.lookup_enabled) == (100, False, False)


# --- mistakes -------------------------------------------------------------------------------


def test_all_mistakes_are_told_at_once_each_with_its_line() -> None:
    told = mistakes(
        """given:
  clients:
    - id: client_ada
      frist_name: Ada
      sandbox: { acount: demo }
    - id: client_new
      first_name: 7
      email: null
      phone: null
  class_instances:
    - id: ci_new
      class_id: class_yogaa
      scheduled_for: tomorrow
      capacity: 5
"""
    )
    assert told == [
        "scenarios/a.yaml:4: clients[client_ada].frist_name: is not a field of it. "
        "Did you mean 'first_name'? It has created, email, first_name, id, last_name, phone.",
        "scenarios/a.yaml:5: clients[client_ada].sandbox.acount: is not a field of it. "
        "Did you mean 'account'? It has account.",
        "scenarios/a.yaml:6: clients[client_new].sandbox.account: is missing. Write it.",
        "scenarios/a.yaml:6: clients[client_new].last_name: is missing. Write it.",
        "scenarios/a.yaml:7: clients[client_new].first_name: Expected `str`, got `int`.",
        "scenarios/a.yaml:12: class_instances[ci_new].class_id: No class has the id 'class_yogaa'. "
        "Did you mean 'class_yoga'?",
        "scenarios/a.yaml:13: class_instances[ci_new].scheduled_for: 'tomorrow' is no moment. "
        "Write '+3d 18:00', 'now+15m' or '2026-05-19T18:00:00+01:00'.",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("clinets: []", "is no collection. Did you mean 'clients'?"),
        ("clients: 5", "Write a list"),
        ("clients: [5]", "Write a record"),
        ("clients: [{ id: client_ada, sandbox: 5 }]", "Write a record"),
        ("clients: [{ id: client_ada, account: demo }]", "Write it under `sandbox:`"),
        ("clients: [{ id: client_ada, credit_balance: 3 }]", "follows from other records"),
        ("providers: [{ id: prov_zen, sandbox: { city: Kano } }]", "Write it outside `sandbox:`"),
        ("providers: [{ id: prov_zen, tier: GOLD }]", "GOLD"),
        ("providers: [{ id: prov_zen, lat: 91.0 }]", "90"),
        (
            "services: [{ id: svc_facial, provider_id: prov_nowhere }]",
            "No provider has the id 'prov_nowhere'",
        ),
        ("issued_passes: [{ id: brgpass_ada, status: EXPIRED }]", "follows from dates and visits"),
        (
            "issued_passes: [{ id: brgpass_standard, sandbox: { visits_used: { SPA: 1 } } }]",
            "has no category SPA",
        ),
        ("issued_passes: [{ id: brgpass_standard, sandbox: { visits_used: 5 } }]", "cannot be understood"),
        (
            "issued_passes: [{ id: pass_x, client_id: client_ada, pass_id: pass_spa, start_date: -1d }]",
            "^brgpass_",
        ),
        ("class_instances: [{ id: ci_yoga_open, spots_left: 21 }]", "Write 0 to 20"),
        ("class_instances: [{ id: ci_yoga_open, capacity: lots }]", "Expected `int`"),
        ("credits: [{ id: lot_ada, sandbox: { remaining: 51 } }]", "Write 0 to 50"),
        ("credits: [{ id: ada, client_id: client_ada, credits: 1 }]", "must begin with 'lot_'"),
        (
            "bookings: [{ id: booking_x, client_id: client_ada, class_instance_id: ci_yoga_full, user_pass_id: brgpass_ada }]",
            "ci_yoga_full is full",
        ),
        (
            "bookings: [{ id: booking_x, client_id: client_standard, class_instance_id: ci_hiit_open, "
            "user_pass_id: brgpass_standard }]",
            "does not cover prov_ironhouse",
        ),
        (
            "bookings: [{ id: booking_x, client_id: client_visits_used, class_instance_id: ci_yoga_open, "
            "user_pass_id: brgpass_visits_used }]",
            "has no GYM visit left",
        ),
        (
            "bookings: [{ id: booking_x, client_id: client_ada, class_instance_id: ci_yoga_open }]",
            "Name the issued pass",
        ),
        (
            "bookings: [{ id: booking_x, client_id: client_ada, user_pass_id: brgpass_ada }]",
            "Name a class_instance_id",
        ),
        (
            "bookings: [{ id: booking_x, client_id: client_ada, class_instance_id: ci_yoga_open, "
            "user_pass_id: brgpass_ada, status: CONFIRMED }]",
            "follows from the clock",
        ),
        ("lookups: [{ id: lkp_x, client_id: client_ada, sandbox: { account: demo } }]", "not demo itself"),
        ("accounts: [{ id: acct_demo, balance: 1.5 }]", "Expected `int`"),
        (
            "accounts: [{ id: acct_new, name: new, balance: 0, sandbox: { api_key: sk_mine } }]",
            "sandbox.api_key: is for the fixtures alone",
        ),
    ],
)
def test_a_mistake_says_what_would_be_right(text: str, says: str) -> None:
    told = mistakes(f"given:\n  {text}\n")
    assert len(told) == 1
    assert says in told[0], told[0]
    assert told[0].startswith("scenarios/a.yaml:2: ")


def test_nothing_is_asked_of_the_document_when_nobody_can_answer() -> None:
    assert unchecked("Anything", {}) == []
