"""Access codes, and what the scanner at the door makes of them."""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any

from contract_tests.api import Answer
from contract_tests.control import World
from contract_tests.given import Client, Given
from contract_tests.judge import agree, must, requirement
from contract_tests.run import Lab
from contract_tests.stock import LAGOS, Thing, covers
from contract_tests.verdict import Blocked


def free_gym(given: Given, package: Thing) -> Thing:
    """A gym that the package covers and where a visit pays, not credits."""
    for gym in given.stock.gyms():
        if covers(package, gym) and not gym.get("check_in_credit_cost"):
            return gym
    raise Blocked("the target's inventory has no covered gym whose check-in a visit pays")


def someone(given: Given) -> tuple[Client, Thing]:
    package = given.ample("GYM")
    return given.client(package), free_gym(given, package)


def code_for(given: Given, client: Client, gym: Thing, **fields: Any) -> Answer:
    answer: Answer = given.api.create_access_code(client_id=client.id, provider_id=gym["id"], **fields)
    return answer


def priced_gym(given: Given, package: Thing) -> Thing:
    for gym in given.stock.gyms():
        if covers(package, gym) and gym.get("accepts_credits") and gym.get("check_in_credit_cost"):
            return gym
    raise Blocked("the target's inventory has no covered gym whose check-in costs credits")


def uncovered_gym(given: Given, *, options: bool) -> tuple[Client, Thing]:
    for package in given.stock.packages:
        for gym in given.stock.gyms():
            if not covers(package, gym) and bool(gym.get("copay_available")) is options:
                return given.client(package), gym
    raise Blocked(
        f"the target's inventory has no uncovered gym {'with' if options else 'without'} co-pay options"
    )


@requirement("CODE-1.1", "CODE-1.3", "CODE-2.1", "CODE-2.2", "CODE-3.1")
def test_a_covered_client_gets_a_code_for_today(given: Given, judging: Any) -> None:
    client, gym = someone(given)
    code = code_for(given, client, gym, user_pass_id=client.pass_id)
    with judging("CODE-1.1"):
        must(bool(code["access_code"]), "an access_code", code.in_words(), code)
        agree("client_id", code["client_id"], client.id, code)
        agree("provider_id", code["provider_id"], gym["id"], code)
    with judging("CODE-1.3"):
        uri = str(code["qr_code"])
        must(uri.startswith("data:image/"), "a data URI of an image", uri[:40], code)
        raw = uri.partition(",")[2]
        image = base64.b64decode(raw) if ";base64" in uri.partition(",")[0] else raw.encode()
        known = image.startswith((b"\x89PNG", b"GIF8", b"\xff\xd8")) or b"svg" in image[:400].lower()
        must(known, "an image one can show", image[:20], code)
    left = int(code["expires_at"]) - given.now_ms()
    with judging("CODE-2.1"):
        must(-2000 < left <= 86_400_000 + 2000, "an end within 24 hours", f"{left} ms from now", code)
    with judging("CODE-2.2"):
        _ends_with_its_day(code)
    with judging("CODE-3.1"):
        again = code_for(given, client, gym)
        must(
            again["access_code"] != code["access_code"], "a second code of its own", "the first again", again
        )


def _ends_with_its_day(code: Answer) -> None:
    end = dt.datetime.fromtimestamp(int(code["expires_at"]) / 1000, LAGOS)
    made = dt.datetime.fromtimestamp(int(code["created"]) / 1000, LAGOS)
    agree(
        "expires_at in Lagos",
        f"{end:%Y-%m-%d %H:%M:%S}.{end.microsecond // 1000:03}",
        f"{made:%Y-%m-%d} 23:59:59.999",
        code,
    )


@requirement("CODE-3.2", "CODE-3.3", "CODE-3.5", "CODE-6.2")
def test_the_scanner_takes_one_code_of_a_visit(given: Given, world: World, judging: Any) -> None:
    client, gym = someone(given)
    first, second = (code_for(given, client, gym)["access_code"] for _ in range(2))
    other = next(g for g in given.stock.gyms() if g["id"] != gym["id"] and covers(client.package, g))
    with judging("CODE-3.5"):
        foreign = world.scan(first, other["id"])
        agree("scan at another provider", foreign[0], 409)
    accepted = world.scan(first, gym["id"])
    if accepted[0] != 200:
        raise Blocked(f"the scanner refused a fresh code: {accepted[1]}")
    with judging("CODE-3.3"):
        used = world.scan(first, gym["id"])
        agree("second scan of one code", used[0], 409)
    with judging("CODE-3.2"):
        twice = world.scan(second, gym["id"])
        agree("second code of one visit", twice[0], 409)
    with judging("CODE-6.2"):
        codes = [foreign[1].get("code"), used[1].get("code"), twice[1].get("code")]
        agree("the scanner's codes", codes, ["code_unknown", "code_used", "second_code_same_visit"])
        agree("an unknown code", world.scan("no-such-code", gym["id"])[1].get("code"), "code_unknown")


@requirement("CODE-3.4")
def test_the_scanner_refuses_yesterdays_code(lab: Lab) -> None:
    client, gym = someone(lab.given)
    code = code_for(lab.given, client, gym)
    lab.world.set(int(code["expires_at"]))
    status, error = lab.world.scan(code["access_code"], gym["id"])
    agree("the scanner's answer", (status, error.get("code")), (409, "code_expired"))


@requirement("CODE-4.2")
def test_credits_are_taken_at_the_door(given: Given, world: World) -> None:
    package = given.ample("GYM")
    gym, client = priced_gym(given, package), given.client(package)
    cost = int(gym["check_in_credit_cost"])
    before = given.with_credits(client, cost)
    code = code_for(given, client, gym)
    code.given("make an access code")
    status, taken = world.scan(code["access_code"], gym["id"])
    agree("status of the scan", status, 200)
    agree("credits_deducted", taken.get("credits_deducted"), cost)
    agree("balance after the scan", given.credits(client), before - cost)


@requirement("CODE-4.1")
def test_making_a_code_takes_no_credits(given: Given) -> None:
    package = given.ample("GYM")
    gym, client = priced_gym(given, package), given.client(package)
    before = given.with_credits(client, int(gym["check_in_credit_cost"]))
    code_for(given, client, gym).ok()
    agree("balance after making a code", given.credits(client), before)


@requirement("CODE-8.1", "CODE-4.4")
def test_too_few_credits_do_not_open_the_door(given: Given, world: World, judging: Any) -> None:
    package = given.ample("GYM")
    gym, client = priced_gym(given, package), given.client(package)
    code = code_for(given, client, gym)
    with judging("CODE-4.4"):
        must("access_code" in code.ok(), "an access code", code.in_words(), code)
    with judging("CODE-8.1"):
        if code.succeeded:
            status, error = world.scan(str(code.get("access_code")), gym["id"])
            agree("the scanner's answer", (status, error.get("code")), (409, "insufficient_credits"))
        else:
            code.refused(400, "validation_error")
        agree("balance", given.credits(client), 0)


def limited(given: Given) -> tuple[Client, Thing, int]:
    """A client with few visits, a gym they count at, and how many they are."""
    package = given.limited("GYM")
    visits = next(c["visits_allowed"] for c in package["categories"] if c["type"] == "GYM")
    return given.client(package), free_gym(given, package), visits


@requirement("CODE-5.1", "CODE-5.3")
def test_a_visit_is_taken_at_the_door(lab: Lab, judging: Any) -> None:
    given = lab.given
    client, gym, visits = limited(given)
    seats = given.seats(lambda g: covers(client.package, g), visits, "that the pass covers")
    with judging("CODE-5.1"):
        code_for(given, client, gym).ok()
        code_for(given, client, gym).ok()
        for seat in seats[: visits - 1]:
            given.booking(client, seat)
        code = code_for(given, client, gym)
        must("access_code" in code.ok(), "a code, for making codes uses no visit", code.in_words(), code)
        status, taken = lab.world.scan(code["access_code"], gym["id"])
        agree("the scan", (status, taken.get("visits_deducted")), (200, 1))
        opened = given.book(client, seats[-1])
        must("session_id" in opened.ok(), "the scanned visit to be the last", opened.in_words(), opened)
    with judging("CODE-5.3"):
        lab.world.advance(days=1)
        late = code_for(given, client, gym)
        must("session_id" in late.ok(), "no code without visits", late.in_words(), late)
        _scan_without_visits(lab)


@requirement("CODE-7.2", "CODE-7.5", "CODE-2.4", "BOOK-4.8")
def test_used_up_visits_are_bought_at_the_door(given: Given, judging: Any) -> None:
    client, _ = given.without_visits()
    gym = free_gym(given, client.package)
    opened = code_for(given, client, gym)
    with judging("CODE-7.2"):
        agree("object", opened["object"], "access_code_session", opened)
        must(type(opened["cost_per_visit"]) is int, "a cost_per_visit", opened.in_words(), opened)
        agree("additional_visits_required", opened["additional_visits_required"], True, opened)
    with judging("CODE-7.5"):
        confirmed = given.api.confirm_access_code(
            opened["session_id"], number_of_visits=1, duration="MONTHLY"
        )
        must(bool(confirmed["access_code"]), "an access code", confirmed.in_words(), confirmed)
    with judging("CODE-2.4"):
        _ends_with_its_day(confirmed)
    with judging("BOOK-4.8"):
        again = given.api.confirm_access_code(opened["session_id"], number_of_visits=1, duration="MONTHLY")
        again.refused(409, "session_used")


def _scan_without_visits(lab: Lab) -> None:
    """A code made while a visit was left, scanned when a booking has taken it."""
    client, gym, visits = limited(lab.given)
    seats = lab.given.seats(lambda g: covers(client.package, g), visits, "that the pass covers", hours=30)
    for seat in seats[:-1]:
        lab.given.booking(client, seat)
    code = code_for(lab.given, client, gym)
    lab.given.booking(client, seats[-1])
    status, error = lab.world.scan(code["access_code"], gym["id"])
    agree("the scanner's answer", (status, error.get("code")), (409, "visits_used_up"))


@requirement("CODE-5.2")
def test_a_pass_lapsed_since_is_refused_at_the_door(given: Given, world: World) -> None:
    client, gym = someone(given)
    code = code_for(given, client, gym)
    given.api.update_issued_pass(client.pass_id, status="CANCELLED").given("cancel a pass")
    status, error = world.scan(code["access_code"], gym["id"])
    agree("the scanner's answer", (status, error.get("code")), (409, "pass_not_active"))


@requirement("CODE-6.1")
def test_tomorrow_is_another_visit(lab: Lab) -> None:
    client, gym = someone(lab.given)
    for day in (1, 2):
        code = code_for(lab.given, client, gym)
        status, answer = lab.world.scan(code["access_code"], gym["id"])
        must(status == 200, f"the scan of day {day} to be accepted", f"{status} {answer}")
        lab.world.advance(days=1)


@requirement("CODE-7.1")
def test_an_uncovered_client_is_offered_every_option(given: Given) -> None:
    client, gym = uncovered_gym(given, options=True)
    opened = code_for(given, client, gym)
    agree("object", opened["object"], "access_code_session", opened)
    agree("copay_required", opened["copay_required"], True, opened)
    offered = {option["id"] for option in opened["copay_options"]}
    agree("options", offered, {option["id"] for option in given.stock.options(gym)}, opened)


@requirement("CODE-7.3")
def test_a_gym_without_options_stays_closed(given: Given) -> None:
    client, gym = uncovered_gym(given, options=False)
    code_for(given, client, gym).refused(403, "provider_not_covered")


@requirement("CODE-7.4")
def test_a_spa_sells_nothing_at_the_door(given: Given) -> None:
    client, treatment = given.spa_outsider()
    code_for(given, client, treatment.spa).refused(403, "provider_not_covered")
    quote = given.quote(client, treatment).given("ask for a quote")
    fields = {"client_id": client.id, "provider_id": treatment.spa["id"], "quote_id": quote["id"]}
    given.api.purchase_copay(**fields).given("buy a spa co-pay")
    code_for(given, client, treatment.spa).refused(403, "provider_not_covered")
    given.spa_booking(client, treatment)
    code_for(given, client, treatment.spa).refused(403, "provider_not_covered")


@requirement("CODE-7.6")
def test_a_covered_client_enters_a_spa(lab: Lab) -> None:
    package = lab.given.limited("SPA")
    client = lab.given.client(package)
    spa = next((s for s in lab.given.stock.spas() if covers(package, s)), None)
    if spa is None:
        raise Blocked("the target's inventory has no spa that the package covers")
    visits = next(c["visits_allowed"] for c in package["categories"] if c["type"] == "SPA")
    for day in range(visits):
        code = code_for(lab.given, client, spa)
        must("access_code" in code.ok(), f"a code on day {day + 1}", code.in_words(), code)
        scanned, taken = lab.world.scan(code["access_code"], spa["id"])
        agree(f"the scan of day {day + 1}", (scanned, taken.get("visits_deducted")), (200, 1))
        lab.world.advance(days=1)
    code_for(lab.given, client, spa).refused(403, "provider_not_covered")


@requirement("CODE-7.7")
def test_a_session_at_the_door_is_as_any_other(lab: Lab) -> None:
    client, gym = uncovered_gym(lab.given, options=True)
    lab.world.set(lab.world.now() + dt.timedelta(milliseconds=700))  # here times are told in milliseconds
    opened = code_for(lab.given, client, gym)
    agree("expires_at", opened["expires_at"], lab.now_ms() + 900_000, opened)
    session, option = opened["session_id"], lab.given.stock.options(gym)[0]["id"]
    confirm = lab.api.confirm_access_code
    others = (g for g in lab.given.stock.gyms() if g["id"] != gym["id"] and g.get("copay_available"))
    foreign = next((o["id"] for g in others for o in lab.given.stock.options(g)), None)
    if foreign is not None:
        confirm(session, copay_package_id=foreign).refused(400, "validation_error")
    confirm(session, copay_package_id="copay_of_nobody").refused(404, "resource_not_found")
    confirm(session).refused(400, "validation_error")
    lab.partner.confirm_access_code(session, copay_package_id=option).refused(403, "permission_denied")
    lab.world.set(int(opened["expires_at"]))
    confirm(session, copay_package_id=option).refused(409, "session_expired")
    lab.world.set(int(opened["expires_at"]) - 1)
    confirm(session, copay_package_id=option).ok()


@requirement("CODE-6.5")
def test_a_copay_lapsed_since_is_missed_at_the_door(lab: Lab) -> None:
    lab.world.set(lab.world.now().astimezone(LAGOS).replace(hour=10) + dt.timedelta(days=1))
    client, gym, _ = _outside(lab.given)
    option = lab.given.stock.options(gym)[0]
    fields = {"client_id": client.id, "provider_id": gym["id"]}
    bought = lab.api.purchase_copay(**fields, copay_option_id=option["id"]).given("buy a co-pay")
    end = int(bought["valid_until"])
    lab.api.update_issued_pass_expiry(client.pass_id, expires_at=end + 86_400_000).given("extend a pass")
    lab.world.set(end - 1000)
    code = code_for(lab.given, client, gym).given("make a code")
    lab.world.set(end)
    status, error = lab.world.scan(code["access_code"], gym["id"])
    agree("the scanner's answer", (status, error.get("code")), (409, "provider_not_covered"))


@requirement("CODE-4.3")
def test_just_enough_credits_open_the_door(lab: Lab) -> None:
    package = lab.given.ample("GYM")
    gym, client = priced_gym(lab.given, package), lab.given.client(package)
    cost = int(gym["check_in_credit_cost"])
    lab.world.adjust(client.id, amount=cost, reason="just enough")
    code = code_for(lab.given, client, gym).given("make a code")
    lab.world.adjust(client.id, amount=-1, reason="one too many")
    status, error = lab.world.scan(code["access_code"], gym["id"])
    agree("the scanner's answer", (status, error.get("code")), (409, "insufficient_credits"))
    lab.world.adjust(client.id, amount=1, reason="one too few")
    status, taken = lab.world.scan(code["access_code"], gym["id"])
    agree("the scan", (status, taken.get("credits_deducted"), taken.get("visits_deducted")), (200, cost, 0))
    agree("balance", lab.given.credits(client), 0)


@requirement("PASS-16.3")
def test_of_two_passes_one_with_visits_left_pays(given: Given, world: World) -> None:
    used, _ = given.without_visits()
    gym = free_gym(given, used.package)
    given.client(used.package, client_id=used.id)
    code = code_for(given, used, gym)
    must("access_code" in code.ok(), "the pass with visits left to be taken", code.in_words(), code)
    status, taken = world.scan(code["access_code"], gym["id"])
    agree("the scan", (status, taken.get("visits_deducted")), (200, 1))


@requirement("CODE-6.3")
def test_the_scanner_asks_in_one_order(lab: Lab) -> None:
    client, gym = someone(lab.given)
    first, second = (code_for(lab.given, client, gym).given("make a code") for _ in range(2))
    if lab.world.scan(first["access_code"], gym["id"])[0] != 200:
        raise Blocked("the scanner refused a fresh code")
    lab.api.update_issued_pass(client.pass_id, status="CANCELLED").given("cancel a pass")

    def said(code: Any) -> Any:
        return lab.world.scan(code["access_code"], gym["id"])[1].get("code")

    agree("of a used code on a lapsed pass", said(first), "code_used")
    agree("of a second code on a lapsed pass", said(second), "second_code_same_visit")
    lab.world.set(int(first["expires_at"]) - 1)
    agree("of a used code in its last moment", said(first), "code_used")
    lab.world.set(int(first["expires_at"]))
    agree("of a used code past its day", said(first), "code_expired")


@requirement("CODE-8.5")
def test_credits_open_the_door_when_the_visits_are_used(given: Given) -> None:
    client, _ = given.without_visits()
    gym = priced_gym(given, client.package)
    given.with_credits(client, int(gym["check_in_credit_cost"]))
    code = code_for(given, client, gym)
    must("access_code" in code.ok(), "an access code", code.in_words(), code)


@requirement("CODE-6.8")
def test_the_scanner_asks_for_the_pass_before_the_credits(given: Given, world: World) -> None:
    package = given.ample("GYM")
    gym, client = priced_gym(given, package), given.client(package)
    if given.credits(client) >= int(gym["check_in_credit_cost"]):
        raise Blocked(f"{package['id']} grants enough credits to check in at {gym['id']}")
    code = code_for(given, client, gym).given("make a code")
    given.api.update_issued_pass(client.pass_id, status="CANCELLED").given("cancel a pass")
    status, error = world.scan(code["access_code"], gym["id"])
    agree("the scanner's answer", (status, error.get("code")), (409, "pass_not_active"))


@requirement("CODE-6.4", "COPAY-4.7", "COPAY-4.8")
def test_a_copays_visits_are_used_at_the_door(lab: Lab, judging: Any) -> None:
    given = lab.given
    client, gym, option = _outside(given)
    with judging("CODE-6.4"):
        made = code_for(given, client, gym)
        confirmed = lab.api.confirm_access_code(made["session_id"], copay_package_id=option["id"])
        must(bool(confirmed["access_code"]), "an access code", confirmed.in_words(), confirmed)
    with judging("COPAY-4.7"):
        for day in range(option["visits"]):
            code = code_for(given, client, gym)
            must("access_code" in code.ok(), f"a code on day {day + 1}", code.in_words(), code)
            scanned, taken = lab.world.scan(code["access_code"], gym["id"])
            agree(f"the scan of day {day + 1}", (scanned, taken.get("visits_deducted")), (200, 1))
            lab.world.advance(days=1)
        opened = code_for(given, client, gym)
        agree("copay_required with its visits used", opened["copay_required"], True, opened)
    with judging("COPAY-4.8"):
        lab.api.purchase_copay(client_id=client.id, provider_id=gym["id"], copay_option_id=option["id"]).ok()
        code = code_for(given, client, gym)
        must("access_code" in code.ok(), "a code on the second co-pay", code.in_words(), code)


def _outside(given: Given) -> tuple[Client, Thing, Thing]:
    """A client, a gym her pass leaves out, and a co-pay of it with few visits."""
    for package in given.stock.packages:
        for gym in given.stock.gyms():
            if covers(package, gym) or not gym.get("copay_available") or gym.get("check_in_credit_cost"):
                continue
            for option in given.stock.options(gym):
                if 0 < (option.get("visits") or 0) <= 12:
                    return given.client(package), gym, option
    raise Blocked("the target's inventory has no uncovered gym with a co-pay of few visits")


@requirement("CODE-2.5")
def test_a_code_confirmed_after_midnight_is_of_the_new_day(lab: Lab) -> None:
    client, gym = uncovered_gym(lab.given, options=True)
    midnight = (lab.world.now().astimezone(LAGOS) + dt.timedelta(days=1)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    lab.world.set(midnight - dt.timedelta(minutes=5))
    session = code_for(lab.given, client, gym).given("open a session at the door")["session_id"]
    lab.world.set(midnight + dt.timedelta(minutes=5))
    option = lab.given.stock.options(gym)[0]["id"]
    code = lab.api.confirm_access_code(session, copay_package_id=option)
    end = round((midnight + dt.timedelta(days=1)).timestamp() * 1000) - 1
    agree("expires_at", code["expires_at"], end, code)


@requirement("CODE-2.3")
def test_the_day_of_a_code_is_lagos_own(lab: Lab) -> None:
    """In the hour after midnight there, when it is yesterday still in London."""
    client, gym = someone(lab.given)
    midnight = (lab.world.now().astimezone(LAGOS) + dt.timedelta(days=1)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    end = round((midnight + dt.timedelta(days=1)).timestamp() * 1000) - 1
    for moment in (midnight, midnight + dt.timedelta(minutes=30)):
        lab.world.set(moment)
        code = code_for(lab.given, client, gym)
        agree(f"expires_at of a code made at {moment:%H:%M}", code["expires_at"], end, code)
    lab.world.advance(hours=23)
    status, answer = lab.world.scan(code["access_code"], gym["id"])
    must(status == 200, "the scan at half past eleven at night", f"{status} {answer}")


@requirement("CODE-7.8", "CODE-7.9")
def test_a_code_is_confirmed_by_what_is_due_then(lab: Lab, judging: Any) -> None:
    given = lab.given
    client, gym, option = _outside(given)
    session = code_for(given, client, gym).given("open a session at the door")["session_id"]
    with judging("CODE-7.8"):
        lab.api.purchase_copay(
            client_id=client.id, provider_id=gym["id"], copay_option_id=option["id"]
        ).given("buy a co-pay")
        confirmed = lab.api.confirm_access_code(session)
        must("access_code" in confirmed.ok(), "a code with nothing due", confirmed.in_words(), confirmed)
    with judging("CODE-7.9"):
        other = given.client(client.package)
        session = code_for(given, other, gym).given("open a session at the door")["session_id"]
        lab.api.update_issued_pass(other.pass_id, status="CANCELLED").given("cancel a pass")
        late = lab.api.confirm_access_code(session, copay_package_id=option["id"])
        late.refused(409, "pass_not_active")


@requirement("CODE-6.6")
def test_a_visit_belongs_to_the_day_of_lagos(lab: Lab) -> None:
    """Before midnight there, half an hour past it, and past it in London too."""
    client, gym = someone(lab.given)
    midnight = (lab.world.now().astimezone(LAGOS) + dt.timedelta(days=2)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    for minutes, accepted in ((-30, 200), (30, 200), (90, 409)):
        lab.world.set(midnight + dt.timedelta(minutes=minutes))
        code = code_for(lab.given, client, gym).given("make a code")
        status, answer = lab.world.scan(code["access_code"], gym["id"])
        agree(f"the scan {minutes} minutes past midnight", status, accepted)
    agree("the second of one day", answer.get("code"), "second_code_same_visit")


@requirement("CONV-12.5")
def test_a_short_month_shortens_no_later_period(lab: Lab) -> None:
    given = lab.given
    package = given.limited("GYM", lasting=True)
    visits = next(c["visits_allowed"] for c in package["categories"] if c["type"] == "GYM")
    gym = free_gym(given, package)
    start = dt.datetime(given.today().year + 1, 1, 31, 10, tzinfo=LAGOS)
    lab.world.set(start.replace(month=3, day=27 - visits))  # in the period that began at the end of February
    client = given.client(package, start_date=round(start.timestamp() * 1000))
    for _ in range(visits):
        lab.world.advance(days=1)
        code = code_for(given, client, gym).given("make a code")
        if lab.world.scan(code["access_code"], gym["id"])[0] != 200:
            raise Blocked("the scanner refused a fresh code")
    lab.world.set(start.replace(month=3, day=30))
    late = code_for(given, client, gym)
    must("session_id" in late.ok(), "the visits still used up on 30 March", late.in_words(), late)
    lab.world.set(start.replace(month=3, day=31))
    fresh = code_for(given, client, gym)
    must("access_code" in fresh.ok(), "new visits on 31 March", fresh.in_words(), fresh)
