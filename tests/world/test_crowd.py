"""The crowd is the same everywhere, and every record of it agrees with every other."""

import hashlib
from collections import Counter, defaultdict
from datetime import date

import msgspec
import pytest

from sandbox.domain import bookings, classes, copay, credits, passes, spa
from sandbox.domain.coverage import covering, rule_of
from sandbox.domain.moments import DAY, HOUR, MINUTE, midnight
from sandbox.domain.records import (
    KINDS,
    AccessCode,
    Booking,
    CheckIn,
    ClassCategory,
    Client,
    CopayOption,
    CopayPurchase,
    CreditPurchase,
    Instance,
    IssuedPass,
    Lot,
    Package,
    Payment,
    Provider,
    Service,
    SpaDay,
    StudioClass,
    Transaction,
)
from sandbox.domain.resources import named
from tests.world.town_books import A_TUESDAY, all_of, base_of, books_at, everything

SEED_7_ON_A_TUESDAY = "16728bd4a3bf5cbb070f8240c310e849623965069397c5b01aea2bd52ec2c0d7"

START = midnight(A_TUESDAY)
ANOTHER_DAY = date(2027, 2, 28)


def fingerprint(seed: int, day: date) -> str:
    digest = hashlib.sha256()
    for record in sorted(everything(seed, day), key=lambda record: (record.kind, record.id)):
        digest.update(msgspec.json.encode([record.kind, record.nth, record]))
    return digest.hexdigest()


def test_a_seed_gives_the_same_bytes_on_every_machine() -> None:
    assert fingerprint(7, A_TUESDAY) == SEED_7_ON_A_TUESDAY


def test_another_seed_gives_another_crowd_around_the_same_cast() -> None:
    assert fingerprint(8, A_TUESDAY) != fingerprint(7, A_TUESDAY)
    seven, eight = ({record.id: record for record in everything(seed)} for seed in (7, 8))
    shared = seven.keys() & eight.keys()
    assert "prov_fitzone" in shared
    assert all(seven[id_] == eight[id_] for id_ in shared)
    assert len(shared) < 100 < 5000 < len(seven)


def test_another_day_moves_the_crowd_and_keeps_who_is_who() -> None:
    here, there = all_of(Client), all_of(Client, day=ANOTHER_DAY)
    assert [(one.id, one.first_name, one.last_name) for one in here] == [
        (one.id, one.first_name, one.last_name) for one in there
    ]
    assert {one.id for one in all_of(StudioClass)} == {one.id for one in all_of(StudioClass, day=ANOTHER_DAY)}


def test_the_town_is_as_large_as_promised() -> None:
    providers = [one for one in all_of(Provider) if len(one.id) == len("prov_") + 16]
    assert len(providers) == 120
    assert len({one.city for one in providers}) == 6
    assert Counter(one.category for one in providers).keys() == {"GYM", "SPA"}
    assert len({one.name for one in providers}) == 120
    assert len(all_of(StudioClass)) == 300 + 4
    assert len(all_of(Client)) == 300 + 9
    assert 5_000 < sum(1 for _ in everything()) < 8_000


def test_lists_page_and_filters_find() -> None:
    for category in ("GYM", "SPA"):
        for tier in ("STANDARD", "PREMIUM"):
            assert sum((one.category, one.tier) == (category, tier) for one in all_of(Provider)) > 8
    assert len(all_of(Package)) > 10
    assert len(base_of().shelf("credit_package", "")) > 10
    categories = Counter(one.category for one in all_of(StudioClass))
    assert all(categories[one.id] > 5 for one in all_of(ClassCategory))


@pytest.mark.parametrize("seed", [7, 8])
def test_ids_are_unique_and_every_shelf_has_one_order(seed: int) -> None:
    for kind in KINDS:
        records = base_of(seed).all(kind)
        assert len({record.id for record in records}) == len(records), kind
        spots = [(record.shelf, record.place, record.nth) for record in records]
        assert len(set(spots)) == len(spots), kind
        assert all(record.nth < 0 for record in records), kind


def test_every_record_is_found_by_its_id_and_on_its_shelf() -> None:
    base = base_of()
    for record in everything():
        assert base.find(record.kind, record.id) is record
        assert record in base.shelf(record.kind, record.shelf)


def test_a_shelf_rises_by_place_and_nth() -> None:
    base = base_of()
    for kind, shelf in {(record.kind, record.shelf) for record in everything()}:
        spots = [(record.place, record.nth) for record in base.shelf(kind, shelf)]
        assert spots == sorted(spots)


@pytest.mark.parametrize("day", [date(1970, 1, 1), date(2028, 2, 29), date(8999, 12, 31)])
def test_a_world_can_begin_on_any_day_a_clock_can_be_set_to(day: date) -> None:
    instances = all_of(Instance, day=day)
    assert len(instances) > 1000
    for one in all_of(Booking, day=day):
        assert one.created < midnight(day)


# --- bookings and their seats ---------------------------------------------------------------


@pytest.mark.parametrize("seed", [7, 8])
def test_seats_are_held_by_the_bookings_that_are_open_and_by_no_other(seed: int) -> None:
    held = {
        (one.id, client_id, hold.by)
        for one in all_of(Instance, seed)
        for client_id, hold in one.seats.items()
    }
    open_ = {
        (one.instance_id, one.client_id, one.id)
        for one in all_of(Booking, seed)
        if one.type == "class" and one.closed is None
    }
    assert held == open_


@pytest.mark.parametrize("seed", [7, 8])
def test_no_class_is_oversold(seed: int) -> None:
    left = Counter[str]()
    for one in all_of(Instance, seed):
        assert 0 <= one.capacity - one.taken_elsewhere - len(one.seats) <= one.capacity
        left["full" if classes.spots_left(one, START) == 0 else "free"] += 1
    assert left["full"] > 30


@pytest.mark.parametrize("seed", [7, 8])
def test_rooms_are_held_by_the_spa_bookings_that_are_open(seed: int) -> None:
    books = books_at(seed=seed)
    held = {
        (day.id, one.client_id, one.hold.by, one.starts, one.ends)
        for day in all_of(SpaDay, seed)
        for one in day.appointments
    }
    open_ = {
        (f"{one.provider_id}:{spa.day_text(one.starts)}", one.client_id, one.id, one.starts, one.ends)
        for one in all_of(Booking, seed)
        if one.type == "spa" and one.closed is None
    }
    assert held == open_
    for day in all_of(SpaDay, seed):
        provider = named(books, Provider, day.id.split(":")[0])
        for one in day.appointments:
            at_once = [other for other in day.appointments if other.starts <= one.starts < other.ends]
            assert len(at_once) <= provider.rooms


def test_spa_bookings_stand_where_a_slot_is() -> None:
    books = books_at()
    for one in all_of(Booking):
        if one.type == "spa":
            services = [named(books, Service, id_) for id_ in one.service_ids]
            slots = spa.slots(
                books, named(books, Provider, one.provider_id), services, spa.day_of(one.starts)
            )
            assert one.starts in [starts for starts, _ in slots]
            assert one.ends - one.starts == sum(service.duration_minutes for service in services) * MINUTE


def test_bookings_are_in_every_state_the_clock_allows() -> None:
    states = Counter(bookings.status(one, START + 12 * HOUR) for one in all_of(Booking))
    assert states.keys() == {"CONFIRMED", "COMPLETED", "CANCELLED", "RESCHEDULED"}
    assert min(states.values()) > 10
    assert Counter(one.type for one in all_of(Booking))["spa"] > 50


def test_bookings_name_what_exists_as_it_is_called() -> None:
    books = books_at()
    for one in all_of(Booking):
        client, pass_ = named(books, Client, one.client_id), named(books, IssuedPass, one.pass_id)
        provider = named(books, Provider, one.provider_id)
        assert (client.owner, client.id) == (pass_.owner, pass_.client_id) == (one.owner, one.client_id)
        assert (one.first_name, one.last_name) == (client.first_name, client.last_name)
        assert one.provider_name == provider.name
        if one.type == "class":
            instance = named(books, Instance, one.instance_id)
            class_ = named(books, StudioClass, one.class_id)
            assert (instance.class_id, class_.provider_id) == (class_.id, provider.id)
            assert (one.starts, one.ends, one.title) == (instance.starts, instance.ends, class_.name)
        else:
            services = [named(books, Service, id_) for id_ in one.service_ids]
            assert {service.provider_id for service in services} == {provider.id}
            assert one.title == ", ".join(service.name for service in services)


@pytest.mark.parametrize("seed", [7, 8])
def test_bookings_were_made_with_a_pass_that_was_good_then(seed: int) -> None:
    books = books_at(seed=seed)
    for one in all_of(Booking, seed):
        pass_ = named(books, IssuedPass, one.pass_id)
        assert pass_.starts <= one.created < pass_.expires
        assert pass_.cancelled is None or one.created < pass_.cancelled
        assert one.created < min(one.starts, START)


def test_what_was_closed_was_closed_in_its_time_and_gave_back_what_the_rules_say() -> None:
    books = books_at()
    for one in all_of(Booking):
        if one.closed is None:
            assert one.refund is None
            continue
        assert one.closed_at is not None
        assert one.created < one.closed_at < min(one.starts, START)
        if one.closed == "RESCHEDULED":
            assert bookings.early(one, one.closed_at)
            continue
        by_studio = (
            bool(one.instance_id) and named(books, Instance, one.instance_id).cancelled == one.closed_at
        )
        assert one.refund is not None
        if by_studio or bookings.early(one, one.closed_at):
            assert one.refund.visits_restored == one.payment.visits
            assert one.refund.credits_refunded == one.payment.credits_taken
            assert one.refund.amount_kobo == one.payment.copay_kobo
        else:
            assert one.refund == type(one.refund)()


def test_what_was_rescheduled_lives_on_as_another_booking_of_that_moment() -> None:
    by_moment = {(one.client_id, one.created): one for one in all_of(Booking)}
    moved = [one for one in all_of(Booking) if one.closed == "RESCHEDULED"]
    assert moved
    for one in moved:
        assert one.closed_at is not None
        new = by_moment[one.client_id, one.closed_at]
        assert new.provider_id == one.provider_id
        assert new.instance_id != one.instance_id


def test_an_instance_the_studio_cancelled_has_no_open_booking() -> None:
    cancelled = {one.id for one in all_of(Instance) if one.cancelled is not None}
    assert cancelled
    of_them = [one for one in all_of(Booking) if one.instance_id in cancelled]
    assert of_them
    assert all(one.closed is not None for one in of_them)


# --- what paid ------------------------------------------------------------------------------


def payments(seed: int) -> list[tuple[str, str, Payment, bool]]:
    """Client, provider, payment, and whether it was returned."""
    made = [(one.client_id, one.provider_id, one.payment, _returned(one)) for one in all_of(Booking, seed)]
    return made + [(one.client_id, one.provider_id, one.payment, False) for one in all_of(CheckIn, seed)]


def _returned(booking: Booking) -> bool:
    if booking.closed == "RESCHEDULED":
        return True
    return booking.refund is not None and bool(
        booking.refund.visits_restored or booking.refund.credits_refunded or booking.refund.amount_kobo
    )


@pytest.mark.parametrize("seed", [7, 8])
def test_visits_used_are_the_visits_of_bookings_and_check_ins_not_returned(seed: int) -> None:
    used: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for _, _, payment, returned in payments(seed):
        if payment.period is not None and not returned:
            used[payment.pass_id][f"{payment.category}:{payment.period}"] += 1
    books = books_at(seed=seed)
    for one in all_of(IssuedPass, seed):
        assert {period: n for period, n in one.used.items() if n} == dict(used[one.id])
        package = named(books, Package, one.package_id)
        for period, count in one.used.items():
            rule = rule_of(package, "GYM" if period.startswith("GYM") else "SPA")
            assert rule is not None
            assert rule.visits_allowed is None or 0 <= count <= rule.visits_allowed


@pytest.mark.parametrize("seed", [7, 8])
def test_whatever_paid_was_able_to(seed: int) -> None:
    books = books_at(seed=seed)
    for client_id, provider_id, payment, _ in payments(seed):
        provider = named(books, Provider, provider_id)
        if payment.category is not None:
            pass_ = named(books, IssuedPass, payment.pass_id)
            assert pass_.client_id == client_id
            assert covering(named(books, Package, pass_.package_id), provider) is not None
        elif payment.copay_id:
            bought = named(books, CopayPurchase, payment.copay_id)
            assert (bought.client_id, bought.provider_id) == (client_id, provider_id)
        else:
            assert payment.credits
            assert provider.accepts_credits
            assert {named(books, Lot, part.lot_id).client_id for part in payment.credits} == {client_id}


def test_gym_copays_count_the_visits_they_paid() -> None:
    used = Counter(
        payment.copay_id for _, _, payment, returned in payments(7) if payment.copay_id and not returned
    )
    bought = [one for one in all_of(CopayPurchase) if one.type == "GYM"]
    assert any(one.used for one in bought)
    for one in bought:
        assert one.used == used[one.id]
        assert one.visits is None or one.used <= one.visits
        prices = [option.price_kobo for option in books_at().rising(CopayOption, one.provider_id)]
        assert one.price_kobo in prices


def test_spa_copays_cost_what_they_cost_that_hour_and_pay_one_booking() -> None:
    books = books_at()
    by_id = {one.id: one for one in all_of(Booking)}
    bought = [one for one in all_of(CopayPurchase) if one.type == "SPA"]
    assert len(bought) > 10
    for one in bought:
        services = [named(books, Service, id_) for id_ in one.service_ids]
        assert one.price_kobo == copay.spa_amount(
            named(books, Provider, one.provider_id), services, one.created
        )
        assert one.valid_until == one.created + DAY
        assert one.spent_on is not None
        booking = by_id[one.spent_on]
        assert booking.payment.copay_id == one.id
        assert booking.payment.copay_kobo == one.price_kobo
        assert booking.payment.payer == one.owner


# --- passes, credits, visits ----------------------------------------------------------------


def test_passes_are_in_every_state() -> None:
    books = books_at(12)
    states = Counter(
        passes.status(one, named(books, Package, one.package_id), books.now) for one in all_of(IssuedPass)
    )
    assert states.keys() == {"ACTIVE", "EXPIRED", "CANCELLED"}
    assert min(states.values()) > 10
    assert any(one.starts > books.now for one in all_of(IssuedPass))


@pytest.mark.parametrize("seed", [7, 8])
@pytest.mark.parametrize("days", [0, 20, 400])
def test_every_ledger_sums_to_its_balance_at_every_moment(seed: int, days: int) -> None:
    books = books_at(24 * days, seed)
    for client in all_of(Client, seed):
        signed = [
            line.amount if line.type == "CREDIT" else -line.amount for line in credits.ledger(books, client)
        ]
        assert sum(signed) == credits.balance(books, client) >= 0
        oldest_first = list(reversed(signed))
        assert all(sum(oldest_first[:n]) >= 0 for n in range(len(signed)))


@pytest.mark.parametrize("seed", [7, 8])
def test_what_is_held_is_what_remains_in_the_lots(seed: int) -> None:
    remaining: Counter[str] = Counter()
    for lot in all_of(Lot, seed):
        assert 0 <= lot.remaining <= lot.granted
        remaining[lot.client_id] += lot.remaining
    assert {one.id: one.credits_held for one in all_of(Client, seed)} == {
        one.id: remaining[one.id] for one in all_of(Client, seed)
    }


@pytest.mark.parametrize("seed", [7, 8])
def test_what_left_a_lot_paid_for_something(seed: int) -> None:
    spent: Counter[str] = Counter()
    for _, _, payment, returned in payments(seed):
        for part in () if returned else payment.credits:
            spent[part.lot_id] += part.amount
    gone = {lot.id for lot in all_of(Lot, seed) if lot.granted - lot.remaining != spent[lot.id]}
    returned_too_late = {
        line.lot_id
        for line in all_of(Transaction, seed)
        if line.description == "Returned to a lot that is over"
    }
    assert gone <= returned_too_late
    assert sum(spent.values()) > 50


def test_purchases_of_credits_have_their_lot() -> None:
    books = books_at()
    for one in all_of(CreditPurchase):
        lot = named(books, Lot, one.lot_id)
        assert (lot.source, lot.source_id, lot.granted) == ("purchase", one.id, one.credits_added)
        assert lot.expires == one.expires
    states = Counter(lot.expires is not None and lot.expires < START for lot in all_of(Lot))
    assert min(states[True], states[False]) > 20  # some lapsed, some did not


def test_a_check_in_has_the_code_that_was_scanned() -> None:
    books = books_at()
    assert len(all_of(CheckIn)) > 100
    for one in all_of(CheckIn):
        code = named(books, AccessCode, one.access_code_id)
        assert (code.client_id, code.provider_id, code.used) == (one.client_id, one.provider_id, one.created)
        assert one.id == f"{one.client_id}:{one.provider_id}:{spa.day_text(one.created)}"
    assert any(code.used is None for code in all_of(AccessCode))
    assert all(code.expires < START for code in all_of(AccessCode))


def test_prices_in_credits_stand_only_where_credits_are_taken() -> None:
    books = books_at()
    priced = {one.provider_id for one in all_of(Service) if one.credit_cost is not None}
    priced |= {one.provider_id for one in all_of(StudioClass) if one.credit_cost is not None}
    priced |= {one.id for one in all_of(Provider) if one.check_in_credit_cost is not None}
    for instance in all_of(Instance):
        if instance.credit_cost is not None:
            priced.add(named(books, StudioClass, instance.class_id).provider_id)
    assert all(named(books, Provider, id_).accepts_credits for id_ in priced)
    assert len(priced) > 10
