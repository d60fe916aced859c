"""Lookup: a code sent to the client, a token for her, and the doors it opens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from contract_tests.api import Answer, Api
from contract_tests.control import World
from contract_tests.given import Client, Given
from contract_tests.judge import agree, must, requirement
from contract_tests.run import Lab
from contract_tests.stock import Seat, covers
from contract_tests.verdict import Blocked

DAY = 86_400_000


def issuer_of(api: Api, client_id: str) -> str:
    """The issuer who knows that client: all others answer 404."""
    for issuer in api.list_issuers(limit=100).ids:
        if api.initiate_lookup(issuer_id=issuer, client_id=client_id).succeeded:
            return issuer
    raise Blocked("no issuer that has lookup enabled knows the second reseller's client")


def other_digits(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


@dataclass(slots=True)
class Visitor:
    """The other reseller's client, seen from ours."""

    api: Api
    world: World
    client: Client
    issuer: str

    def start(self) -> tuple[Answer, str]:
        lookup = self.api.initiate_lookup(issuer_id=self.issuer, client_id=self.client.id)
        lookup.given("start a lookup")
        return lookup, self.world.code_sent_to(self.client.id)

    def verified(self) -> Answer:
        lookup, code = self.start()
        answer: Answer = self.api.verify_lookup(lookup["id"], access_code=code)
        answer.given("verify a lookup")
        return answer

    def token(self) -> str:
        return str(self.verified()["lookup_token"])


def visitor_in(api: Api, world: World, partner_given: Given) -> Visitor:
    partner_given.api.update_lookup_settings(enabled=True).given("enable lookup")
    client = partner_given.client()
    return Visitor(api, world, client, issuer_of(api, client.id))


@pytest.fixture
def visitor(api: Api, world: World, partner_given: Given) -> Visitor:
    return visitor_in(api, world, partner_given)


def a_seat(given: Given, client: Client) -> Seat:
    return given.seat(lambda gym: covers(client.package, gym), "that an unlimited gym pass covers")


@requirement("LOOK-1.1", "LOOK-1.3", "IDEM-8.4", "LOOK-3.2")
def test_a_right_code_gives_a_token_once(visitor: Visitor, given: Given, judging: Any) -> None:
    lookup, code = visitor.start()
    api, key = visitor.api, given.new_id("key")
    with judging("LOOK-3.2"):
        api.verify_lookup(lookup["id"], access_code=other_digits(code)).refused(400, "validation_error")
    verified = api.verify_lookup(lookup["id"], idempotency_key=key, access_code=code)
    with judging("LOOK-1.1"):
        agree("status at first", lookup["status"], "PENDING", lookup)
        agree("status", verified["status"], "VERIFIED", verified)
        must(bool(verified["lookup_token"]), "a lookup_token", verified.in_words(), verified)
    with judging("IDEM-8.4"):
        again = api.verify_lookup(lookup["id"], idempotency_key=key, access_code=code)
        must(again["lookup_token"] == verified["lookup_token"], "the same token again", "another", again)
    with judging("LOOK-1.3"):
        api.verify_lookup(lookup["id"], access_code=code).refused(409)


@requirement("LOOK-2.1", "LOOK-6.1", "LOOK-6.2", "LOOK-5.2")
def test_a_token_opens_codes_and_classes(
    visitor: Visitor, given: Given, partner: Api, partner_given: Given, judging: Any
) -> None:
    client, token, api = visitor.client, visitor.token(), visitor.api
    seat = a_seat(given, client)
    with judging("LOOK-5.2"):
        api.get_client(client.id).refused(403, "permission_denied")
        given.book(client, seat).refused(403, "permission_denied")
    booked = given.book(client, seat, lookup_token=token)
    with judging("LOOK-2.1"):
        must("booking_id" in booked.ok(), "a booking with the token", booked.in_words(), booked)
        code = api.create_access_code(lookup_token=token, client_id=client.id, provider_id=seat.gym["id"])
        must("access_code" in code.ok(), "an access code with the token", code.in_words(), code)
    other = next(
        s for s in given.seats(lambda g: covers(client.package, g), 6, "covered") if s.starts != seat.starts
    )
    theirs = partner_given.booking(client, other)
    with judging("LOOK-6.2"):
        mine = api.list_client_bookings(client.id, lookup_token=token)
        agree("bookings shown to the maker", mine.ids, [booked["booking_id"]], mine)
        listed = partner.list_client_bookings(client.id)
        agree("bookings shown to the issuer", listed.ids, [theirs], listed)
    with judging("LOOK-6.1"):
        partner.get_booking_status(booked["booking_id"]).refused(403, "permission_denied")
        api.get_booking_status(booked["booking_id"]).ok()
        api.cancel_booking(booked["booking_id"]).ok()


@requirement("LOOK-2.2", "LOOK-2.3", "LOOK-2.5", "LOOK-5.1", "LOOK-5.5")
def test_a_token_is_for_one_client_and_some_doors(
    visitor: Visitor, given: Given, partner_given: Given, judging: Any
) -> None:
    client, token, api = visitor.client, visitor.token(), visitor.api
    with judging("LOOK-2.2"):
        agree("id", api.get_client(client.id, lookup_token=token)["id"], client.id)
        api.get_client_credits(client.id, lookup_token=token).ok()
        api.list_client_bookings(client.id, lookup_token=token).ok()
    with judging("LOOK-5.5"):
        told = {"email": "i@example.com", "phone": "+2348000000005"}
        partner_given.api.update_issued_pass(client.pass_id, **told).given("give a client an address")
        shown, own = api.get_client(client.id, lookup_token=token), partner_given.api.get_client(client.id)
        agree("email seen by the issuer", own["email"], told["email"], own)
        for name in ("first_name", "last_name", "email", "phone", "passes", "credit_balance", "created"):
            agree(f"{name} seen with the token", shown[name], own[name], shown)
    with judging("LOOK-2.3"):
        other = partner_given.client()
        api.get_client(other.id, lookup_token=token).refused(403, "invalid_lookup_token")
        api.get_client_credits(other.id, lookup_token=token).refused(403, "invalid_lookup_token")
        api.get_client(given.client().id, lookup_token=token).refused(403, "invalid_lookup_token")
    with judging("LOOK-2.5"):
        partner_given.api.get_client(client.id, lookup_token=token).refused(403, "invalid_lookup_token")
    with judging("LOOK-5.1"):
        names = {"first_name": "Ada", "last_name": "Obi"}
        issued = api.issue_pass(
            lookup_token=token, pass_id=client.package["id"], client_id=client.id, **names
        )
        issued.refused(403, "permission_denied")
        package = next(iter(given.stock.all("list_credit_packages")), None)
        if package is not None:
            bought = api.purchase_credits(lookup_token=token, client_id=client.id, package_id=package["id"])
            bought.refused(403, "permission_denied")


@requirement("LOOK-2.4", "LOOK-7.1", "LOOK-7.2")
def test_a_token_nobody_gave_is_refused_where_one_is_wanted(api: Api, given: Given, judging: Any) -> None:
    client, seat = given.insider()
    wrong = "lkpt_nobody_gave_this"
    with judging("LOOK-2.4"):
        given.book(client, seat, lookup_token=wrong).refused(
            403, "invalid_lookup_token", kind="permission_error"
        )
        code = api.create_access_code(lookup_token=wrong, client_id=client.id, provider_id=seat.gym["id"])
        code.refused(403, "invalid_lookup_token")
    with judging("LOOK-7.1"):
        api.get_client(client.id, lookup_token=wrong).refused(403, "invalid_lookup_token")
        api.get_client_credits(client.id, lookup_token=wrong).refused(403, "invalid_lookup_token")
        api.list_client_bookings(client.id, lookup_token=wrong).refused(403, "invalid_lookup_token")
    with judging("LOOK-7.2"):
        api.get_issued_pass(client.pass_id, lookup_token=wrong).ok()
        api.list_passes(lookup_token=wrong).ok()


@requirement("LOOK-3.3", "LOOK-8.3")
def test_five_wrong_codes_close_a_lookup(visitor: Visitor, judging: Any) -> None:
    api = visitor.api
    with judging("LOOK-8.3"):
        lookup, code = visitor.start()
        for odd in ("12345", "1234567", "abcdef", "12345x", ""):
            api.verify_lookup(lookup["id"], access_code=odd).refused(400, "validation_error")
        agree(
            "status after five that were no attempts",
            api.verify_lookup(lookup["id"], access_code=code)["status"],
            "VERIFIED",
        )
    with judging("LOOK-3.3"):
        lookup, code = visitor.start()
        for _ in range(4):
            api.verify_lookup(lookup["id"], access_code=other_digits(code)).refused(400, "validation_error")
        api.verify_lookup(lookup["id"], access_code=code).ok()
        lookup, code = visitor.start()
        for _ in range(5):
            api.verify_lookup(lookup["id"], access_code=other_digits(code)).refused(400, "validation_error")
        api.verify_lookup(lookup["id"], access_code=code).refused(409, "lookup_not_pending")


@requirement("LOOK-3.1", "LOOK-1.2")
def test_codes_live_minutes_and_tokens_months(lab: Lab, judging: Any) -> None:
    visitor = visitor_in(lab.api, lab.world, lab.partner_given)
    with judging("LOOK-3.1"):
        lookup, code = visitor.start()
        lives = int(lookup["expires_at"]) - lab.now_ms()
        must(abs(lives - 600_000) <= 1000, "a code of 10 minutes", f"{lives} ms", lookup)
        lab.world.set(int(lookup["expires_at"]))
        lab.api.verify_lookup(lookup["id"], access_code=code).refused(409, "lookup_not_pending")
    with judging("LOOK-1.2"):
        lookup, code = visitor.start()
        lab.world.advance(minutes=9)  # they run from the verification
        verified = lab.api.verify_lookup(lookup["id"], access_code=code)
        token = verified["lookup_token"]
        lives = int(verified["token_expires_at"]) - lab.now_ms()
        must(abs(lives - 90 * DAY) <= 1000, "a token of 90 days", f"{lives} ms", verified)
        lab.world.set(int(verified["token_expires_at"]) - 1000)
        lab.api.get_client(visitor.client.id, lookup_token=token).ok()
        lab.world.set(int(verified["token_expires_at"]))
        lab.api.get_client(visitor.client.id, lookup_token=token).refused(403, "invalid_lookup_token")


@requirement("LOOK-4.1", "LOOK-4.2", "LOOK-7.3")
def test_an_issuer_can_close_its_door(lab: Lab, judging: Any) -> None:
    visitor = visitor_in(lab.api, lab.world, lab.partner_given)
    token = None
    with judging("LOOK-7.3"):
        token = visitor.token()
    lab.partner.update_lookup_settings(enabled=False).given("turn lookup off")
    with judging("LOOK-4.1"):
        must(visitor.issuer not in lab.api.list_issuers(limit=100).ids, "the issuer not listed", "listed")
    with judging("LOOK-4.2"):
        answer = lab.api.initiate_lookup(issuer_id=visitor.issuer, client_id=visitor.client.id)
        answer.refused(404, "resource_not_found")
    if token is not None:
        with judging("LOOK-7.3"):
            answer = lab.api.get_client(visitor.client.id, lookup_token=token)
            answer.refused(403, "invalid_lookup_token")
            lab.partner.update_lookup_settings(enabled=True).ok()
            lab.api.get_client(visitor.client.id, lookup_token=token).ok()


@requirement("LOOK-4.3", "LOOK-8.1")
def test_issuers_are_the_others(
    api: Api, partner: Api, given: Given, partner_given: Given, judging: Any
) -> None:
    partner.update_lookup_settings(enabled=True).given("enable lookup")
    client = partner_given.client()
    issuer = issuer_of(api, client.id)
    with judging("LOOK-4.3"):
        must(issuer in api.list_issuers(limit=100).ids, "the issuer listed for others", "not listed")
        must(issuer not in partner.list_issuers(limit=100).ids, "not listed for itself", "listed")
    with judging("LOOK-8.1"):
        answer = api.initiate_lookup(issuer_id=issuer, client_id=given.client().id)
        answer.refused(404, "resource_not_found")
        answer = api.initiate_lookup(issuer_id=issuer, client_id=given.new_id("nobody"))
        answer.refused(404, "resource_not_found")
        answer = partner.initiate_lookup(issuer_id=issuer, client_id=client.id)
        answer.refused(404, "resource_not_found")


@requirement("LOOK-8.2")
def test_a_lookup_is_its_makers(visitor: Visitor, partner: Api) -> None:
    lookup, code = visitor.start()
    partner.verify_lookup(lookup["id"], access_code=code).refused(403, "permission_denied")
    visitor.api.verify_lookup(lookup["id"], access_code=code).ok()


@requirement("LOOK-6.3", "BOOK-23.8")
def test_the_maker_pays(lab: Lab, judging: Any) -> None:
    visitor = visitor_in(lab.api, lab.world, lab.partner_given)
    outsider, seat = lab.partner_given.outsider()
    guest = Visitor(lab.api, lab.world, outsider, visitor.issuer)
    token = guest.token()
    option = lab.given.stock.options(seat.gym)[0]
    before, theirs = lab.world.balance("demo"), lab.world.balance("partner")
    session = lab.given.book(outsider, seat, lookup_token=token).given("open a session")["session_id"]
    with judging("LOOK-6.3"):
        lab.given.confirm(session, copay_package_id=option["id"]).ok()
        agree("the maker's account", lab.world.balance("demo"), before - option["amount"])
        agree("the issuer's account", lab.world.balance("partner"), theirs)
    client, treatment = lab.partner_given.spa_outsider(days=3)
    token = Visitor(lab.api, lab.world, client, visitor.issuer).token()
    services = [service["id"] for service in treatment.services]
    spa, before, theirs = treatment.spa["id"], lab.world.balance("demo"), lab.world.balance("partner")
    quote = lab.api.quote_spa_copay(spa, lookup_token=token, client_id=client.id, service_ids=services)
    with judging("LOOK-6.3"):
        lab.api.purchase_copay(
            lookup_token=token, client_id=client.id, provider_id=spa, quote_id=quote["id"]
        ).ok()
        agree("the maker's account after a spa co-pay", lab.world.balance("demo"), before - quote["amount"])
        agree("the issuer's account after it", lab.world.balance("partner"), theirs)
    with judging("BOOK-23.8"):
        opened = lab.given.book_spa(client, treatment, lookup_token=token).given("open a spa session")
        booking = lab.given.confirm_spa(opened["session_id"]).given("confirm on the maker's co-pay")["id"]
        lab.api.cancel_booking(booking).ok()
        agree("the maker's account after cancelling", lab.world.balance("demo"), before)
        agree("the issuer's account after it", lab.world.balance("partner"), theirs)


@requirement("LOOK-5.3")
def test_a_token_opens_spas_and_copays(lab: Lab) -> None:
    visitor = visitor_in(lab.api, lab.world, lab.partner_given)
    client, treatment = lab.partner_given.spa_outsider(days=3)
    api, token = lab.api, Visitor(lab.api, lab.world, client, visitor.issuer).token()
    services = [service["id"] for service in treatment.services]
    ask = {"client_id": client.id, "service_ids": services}
    api.quote_spa_copay(treatment.spa["id"], **ask).refused(403, "permission_denied")
    quote = api.quote_spa_copay(treatment.spa["id"], lookup_token=token, **ask)
    door = {"client_id": client.id, "provider_id": treatment.spa["id"]}
    api.create_access_code(**door).refused(403, "permission_denied")
    pay = {"client_id": client.id, "provider_id": treatment.spa["id"], "quote_id": quote["id"]}
    api.purchase_copay(**pay).refused(403, "permission_denied")
    api.purchase_copay(lookup_token=token, **pay).ok()
    lab.given.book_spa(client, treatment).refused(403, "permission_denied")
    opened = lab.given.book_spa(client, treatment, lookup_token=token)
    lab.given.confirm_spa(opened["session_id"]).ok()
    for call in (api.get_client_credits, api.list_client_bookings):
        call(client.id).refused(403, "permission_denied")
        call(client.id, lookup_token=token).ok()


@requirement("LOOK-5.4", "AUTH-4.7")
def test_a_sessions_copay_is_bought_with_the_token(lab: Lab, judging: Any) -> None:
    visitor = visitor_in(lab.api, lab.world, lab.partner_given)
    outsider, seat = lab.partner_given.outsider()
    token = Visitor(lab.api, lab.world, outsider, visitor.issuer).token()
    session = lab.given.book(outsider, seat, lookup_token=token).given("open a session")["session_id"]
    option = lab.given.stock.options(seat.gym)[0]["id"]
    order = {"client_id": outsider.id, "copay_package_id": option, "session_id": session}
    with judging("AUTH-4.7"):
        theirs = lab.partner_given.session(outsider, _another(lab, seat))["session_id"]
        answer = lab.api.purchase_copay(lookup_token=token, **{**order, "session_id": theirs})
        answer.refused(403, "permission_denied")
    with judging("LOOK-5.4"):
        lab.api.purchase_copay(**order).refused(403, "permission_denied")
        lab.api.purchase_copay(lookup_token=token, **order).ok()
        lab.given.confirm(session).ok()


def _another(lab: Lab, seat: Seat) -> Seat:
    there = lab.partner_given.stock.seats(lambda gym: gym["id"] == seat.gym["id"])
    found = next((other for other in there if other.id != seat.id), None)
    if found is None:
        raise Blocked("the target's inventory has no second class at the same gym")
    return found


@requirement("LOOK-8.4")
def test_a_verified_or_lapsed_lookup_is_over(lab: Lab) -> None:
    visitor = visitor_in(lab.api, lab.world, lab.partner_given)
    lookup, code = visitor.start()
    lab.world.set(int(lookup["expires_at"]) - 1)
    lab.api.verify_lookup(lookup["id"], access_code=code).ok()
    for tried in (code, other_digits(code)):
        lab.api.verify_lookup(lookup["id"], access_code=tried).refused(409, "lookup_not_pending")
    lookup, code = visitor.start()
    lab.world.set(int(lookup["expires_at"]))
    for tried in (code, other_digits(code)):
        lab.api.verify_lookup(lookup["id"], access_code=tried).refused(409, "lookup_not_pending")


@requirement("COPAY-4.9")
def test_a_copay_is_the_clients_whoever_bought_it(lab: Lab) -> None:
    visitor = visitor_in(lab.api, lab.world, lab.partner_given)
    outsider, seat = lab.partner_given.outsider()
    token = Visitor(lab.api, lab.world, outsider, visitor.issuer).token()
    option = lab.given.stock.options(seat.gym)[0]["id"]
    door = {"client_id": outsider.id, "provider_id": seat.gym["id"]}
    lab.api.purchase_copay(lookup_token=token, **door, copay_option_id=option).given("buy a co-pay")
    booked = lab.partner_given.book(outsider, seat)
    must("booking_id" in booked.ok(), "the issuer to book on it", booked.in_words(), booked)


@requirement("LOOK-6.4")
def test_the_maker_pays_for_visits_and_copays_too(lab: Lab) -> None:
    visitor = visitor_in(lab.api, lab.world, lab.partner_given)
    client, seat = lab.partner_given.without_visits()
    token = Visitor(lab.api, lab.world, client, visitor.issuer).token()
    opened = lab.given.book(client, seat, lookup_token=token).given("open a session")
    before, theirs = lab.world.balance("demo"), lab.world.balance("partner")
    lab.given.confirm(opened["session_id"], number_of_visits=2, duration="MONTHLY").ok()
    agree("the maker's account", lab.world.balance("demo"), before - 2 * opened["cost_per_visit"])
    agree("the issuer's account", lab.world.balance("partner"), theirs)
    outsider, elsewhere = lab.partner_given.outsider()
    token = Visitor(lab.api, lab.world, outsider, visitor.issuer).token()
    option = lab.given.stock.options(elsewhere.gym)[0]
    order = {"client_id": outsider.id, "provider_id": elsewhere.gym["id"], "copay_option_id": option["id"]}
    before, theirs = lab.world.balance("demo"), lab.world.balance("partner")
    lab.api.purchase_copay(lookup_token=token, **order).ok()
    agree("the maker's account after a co-pay", lab.world.balance("demo"), before - option["amount"])
    agree("the issuer's account after it", lab.world.balance("partner"), theirs)


@requirement("BOOK-23.6")
def test_money_returns_to_the_account_that_paid(lab: Lab) -> None:
    visitor = visitor_in(lab.api, lab.world, lab.partner_given)
    client, treatment = lab.partner_given.spa_outsider(days=3)
    token = Visitor(lab.api, lab.world, client, visitor.issuer).token()
    quote = lab.partner_given.quote(client, treatment).given("ask for a quote")
    fields = {"client_id": client.id, "provider_id": treatment.spa["id"], "quote_id": quote["id"]}
    lab.partner.purchase_copay(**fields).given("buy a spa co-pay")
    opened = lab.given.book_spa(client, treatment, lookup_token=token).given("open a spa session")
    booking = lab.given.confirm_spa(opened["session_id"]).given("confirm on the client's co-pay")["id"]
    maker, payer = lab.world.balance("demo"), lab.world.balance("partner")
    cancelled = lab.api.cancel_booking(booking)
    agree("amount_refunded", cancelled["refund"]["amount_refunded"], quote["amount"], cancelled)
    agree("the account that paid", lab.world.balance("partner"), payer + quote["amount"])
    agree("the account that booked and cancelled", lab.world.balance("demo"), maker)


@requirement("LOOK-3.4", "LOOK-1.4")
def test_a_lookup_leaves_earlier_ones_as_they_are(visitor: Visitor, judging: Any) -> None:
    first, first_code = visitor.start()
    second, second_code = visitor.start()
    with judging("LOOK-3.4"):
        for _ in range(4):
            wrong = visitor.api.verify_lookup(second["id"], access_code=other_digits(second_code))
            wrong.refused(400, "validation_error")
        earlier = visitor.api.verify_lookup(first["id"], access_code=first_code)
        agree("status of the first", earlier["status"], "VERIFIED", earlier)
        later = visitor.api.verify_lookup(second["id"], access_code=second_code)
        agree("status of the second", later["status"], "VERIFIED", later)
    with judging("LOOK-1.4"):
        for token in [visitor.token(), visitor.token()]:
            visitor.api.get_client(visitor.client.id, lookup_token=token).ok()


@requirement("LOOK-7.4")
def test_a_wrong_token_opens_nothing_to_anybody(given: Given) -> None:
    """At every door that a token opens, for a client of one's own who would be let in without."""
    api, wrong = given.api, {"lookup_token": "lkpt_nobody_gave_this"}
    outsider, seat = given.outsider()
    guest, treatment = given.spa_outsider()
    session = given.session(outsider, seat)["session_id"]
    quote = given.quote(guest, treatment)["id"]
    option = given.stock.options(seat.gym)[0]["id"]
    at_the_gym = {"client_id": outsider.id, "provider_id": seat.gym["id"]}
    at_the_spa = {"client_id": guest.id, "provider_id": treatment.spa["id"]}
    answers = [
        given.quote(guest, treatment, **wrong),
        given.book_spa(guest, treatment, **wrong),
        api.create_access_code(**at_the_gym, **wrong),
        api.purchase_copay(**at_the_spa, quote_id=quote, **wrong),
        api.purchase_copay(**at_the_gym, copay_option_id=option, **wrong),
        api.purchase_copay(client_id=outsider.id, copay_package_id=option, session_id=session, **wrong),
    ]
    for answer in answers:
        answer.refused(403, "invalid_lookup_token")


@requirement("BOOK-13.4")
def test_a_client_holds_one_seat_whoever_books_it(
    visitor: Visitor, given: Given, partner_given: Given
) -> None:
    client, token = visitor.client, visitor.token()
    seat = a_seat(given, client)
    partner_given.booking(client, seat)
    before = given.spots_left(seat)
    given.book(client, seat, lookup_token=token).refused(409, "slot_unavailable")
    agree("spots_left", given.spots_left(seat), before)


@requirement("IDEM-4.3")
def test_the_key_of_a_wrong_code_may_carry_the_right_one(visitor: Visitor, given: Given) -> None:
    lookup, code = visitor.start()
    key, verify = given.new_id("key"), visitor.api.verify_lookup
    wrong = other_digits(code)
    verify(lookup["id"], idempotency_key=key, access_code=wrong).refused(400, "validation_error")
    verify(lookup["id"], idempotency_key=key, access_code=wrong).refused(400, "validation_error")
    agree("status", verify(lookup["id"], idempotency_key=key, access_code=code)["status"], "VERIFIED")


@requirement("PAGE-10.5")
def test_an_issuer_that_left_is_still_a_cursor(lab: Lab) -> None:
    visitor = visitor_in(lab.api, lab.world, lab.partner_given)
    following = lab.api.list_issuers(starting_after=visitor.issuer, limit=100).ids
    lab.partner.update_lookup_settings(enabled=False).given("turn lookup off")
    page = lab.api.list_issuers(starting_after=visitor.issuer, limit=100)
    agree("issuers after it", page.ids, following, page)


@requirement("PAGE-10.6")
def test_another_resellers_booking_is_no_cursor(visitor: Visitor, given: Given, partner_given: Given) -> None:
    client, token = visitor.client, visitor.token()
    ours, theirs = given.seats(lambda gym: covers(client.package, gym), 2, "covered")
    mine = given.book(client, ours, lookup_token=token).given("book with a token")["booking_id"]
    hers = partner_given.booking(client, theirs)
    listed = visitor.api.list_client_bookings
    for cursor in ({"starting_after": hers}, {"ending_before": hers}):
        listed(client.id, lookup_token=token, **cursor).refused(400, "validation_error")
    partner_given.api.list_client_bookings(client.id, starting_after=mine).refused(400, "validation_error")
    listed(client.id, lookup_token=token, starting_after=mine).ok()


@requirement("IDEM-2.13")
def test_a_lookup_is_replayed(lab: Lab) -> None:
    visitor = visitor_in(lab.api, lab.world, lab.partner_given)
    key, sent = lab.given.new_id("key"), len(lab.world.messages(visitor.client.id))
    asked = {"issuer_id": visitor.issuer, "client_id": visitor.client.id}
    ids = {lab.api.initiate_lookup(idempotency_key=key, **asked)["id"] for _ in range(2)}
    agree("lookups made under one key", len(ids), 1)
    agree("messages sent to the client", len(lab.world.messages(visitor.client.id)), sent + 1)
    switched = [lab.partner.update_lookup_settings(idempotency_key=key, enabled=True) for _ in range(2)]
    agree("Idempotent-Replayed", switched[1].header("Idempotent-Replayed"), "true", switched[1])


@requirement("LOOK-6.5")
def test_what_was_opened_with_a_token_goes_on_without(lab: Lab) -> None:
    visitor = visitor_in(lab.api, lab.world, lab.partner_given)
    client, token = visitor.client, visitor.token()
    seat = a_seat(lab.partner_given, client)
    booked = lab.given.book(client, seat, lookup_token=token).given("book with a token")
    moved = lab.api.reschedule_booking(booked["booking_id"], class_instance_id=_another(lab, seat).id)
    agree("object", moved["object"], "booking", moved)
    outsider, elsewhere = lab.partner_given.outsider()
    token = Visitor(lab.api, lab.world, outsider, visitor.issuer).token()
    option = lab.given.stock.options(elsewhere.gym)[0]
    door = {"client_id": outsider.id, "provider_id": elsewhere.gym["id"]}
    opened = lab.api.create_access_code(lookup_token=token, **door).given("open a session at the door")
    before, theirs = lab.world.balance("demo"), lab.world.balance("partner")
    lab.api.confirm_access_code(opened["session_id"], copay_package_id=option["id"]).ok()
    agree("the maker's account", lab.world.balance("demo"), before - option["amount"])
    agree("the issuer's account", lab.world.balance("partner"), theirs)


@requirement("LOOK-6.6")
def test_a_closed_door_keeps_nothing_that_was_opened(lab: Lab) -> None:
    visitor = visitor_in(lab.api, lab.world, lab.partner_given)
    seat = a_seat(lab.partner_given, visitor.client)
    booked = lab.given.book(visitor.client, seat, lookup_token=visitor.token()).given("book with a token")
    outsider, elsewhere = lab.partner_given.outsider()
    token = Visitor(lab.api, lab.world, outsider, visitor.issuer).token()
    opened = lab.given.book(outsider, elsewhere, lookup_token=token).given("open a session")
    lab.partner.update_lookup_settings(enabled=False).given("turn lookup off")
    option = lab.given.stock.options(elsewhere.gym)[0]["id"]
    lab.given.confirm(opened["session_id"], copay_package_id=option).ok()
    lab.api.get_booking_status(booked["booking_id"]).ok()
    moved = lab.api.reschedule_booking(booked["booking_id"], class_instance_id=_another(lab, seat).id)
    lab.api.cancel_booking(moved["id"]).ok()


@requirement("CODE-6.7")
def test_codes_of_two_resellers_are_for_one_visit(
    visitor: Visitor, given: Given, partner: Api, world: World
) -> None:
    client = visitor.client
    free = (g for g in given.stock.gyms() if covers(client.package, g) and not g.get("check_in_credit_cost"))
    gym = next(free, None)
    if gym is None:
        raise Blocked("the target's inventory has no covered gym whose check-in a visit pays")
    door = {"client_id": client.id, "provider_id": gym["id"]}
    theirs = partner.create_access_code(**door).given("make a code as the issuer")
    mine = visitor.api.create_access_code(lookup_token=visitor.token(), **door).given("make one with a token")
    if world.scan(theirs["access_code"], door["provider_id"])[0] != 200:
        raise Blocked("the scanner refused a fresh code")
    status, error = world.scan(mine["access_code"], door["provider_id"])
    agree("the scanner's answer", (status, error.get("code")), (409, "second_code_same_visit"))


@requirement("LOOK-7.5")
def test_a_token_opens_no_pass(visitor: Visitor) -> None:
    api, pass_id, wears = visitor.api, visitor.client.pass_id, {"lookup_token": visitor.token()}
    issued = visitor.client.issued
    for answer in (
        api.get_issued_pass(pass_id, **wears),
        api.list_pass_providers(pass_id, **wears),
        api.update_issued_pass(pass_id, first_name="Bola", **wears),
        api.update_issued_pass_expiry(pass_id, expires_at=issued["expires_at"] - 1000, **wears),
        api.rotate_passcode(pass_id, passcode=issued["passcode"], **wears),
    ):
        answer.refused(403, "permission_denied")


@requirement("IDEM-8.7")
def test_a_retry_may_show_a_newer_token(visitor: Visitor, given: Given) -> None:
    door = {"client_id": visitor.client.id, "provider_id": a_seat(given, visitor.client).gym["id"]}
    door["idempotency_key"] = given.new_id("key")
    first = visitor.api.create_access_code(lookup_token=visitor.token(), **door)
    first.given("make a code with a token")
    again = visitor.api.create_access_code(lookup_token=visitor.token(), **door)
    agree("the answer to a retry with a newer token", again.ok(), first.body, again)
