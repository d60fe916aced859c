"""Whole stories, from the first call to the last state, with nothing but HTTP and the cast."""

from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from tests.stories.integrator import PARTNER, Integrator

ADA = ("client_ada", "brgpass_ada")
STANDARD = ("client_standard", "brgpass_standard")
NO_CREDITS = ("client_no_credits", "brgpass_no_credits")
LOW_CREDITS = ("client_low_credits", "brgpass_low_credits")
RITUAL, MASSAGE = ("prov_luxe", "svc_luxe_ritual"), ("prov_zen", "svc_massage")
IN_TWO_DAYS = "2026-05-14"


def test_book_a_covered_class(desk: Integrator) -> None:
    before = desk.seats("ci_yoga_open")
    booked = desk.book("ci_yoga_open", *ADA)
    assert booked.status == 201
    assert (booked["copay_required"], booked["additional_visits_required"]) == (False, False)
    assert (booked["status"], booked["visits_deducted"]) == ("PENDING", 1)
    assert desk.seats("ci_yoga_open") == before - 1

    desk.pass_time("PT60S")
    assert desk.status(booked["booking_id"]) == "CONFIRMED"
    listed = desk.get("/clients/client_ada/bookings?status=CONFIRMED")["data"]
    assert [one["id"] for one in listed] == [booked["booking_id"]]

    desk.set_clock("2026-05-15T19:00:00+01:00")  # the end of the class
    assert desk.status(booked["booking_id"]) == "COMPLETED"


def test_run_out_of_visits_and_buy_more(desk: Integrator) -> None:
    client = ("client_visits_used", "brgpass_visits_used")
    opened = desk.book("ci_yoga_open", *client)
    assert opened.status == 200
    assert (opened["copay_required"], opened["additional_visits_required"]) == (False, True)
    assert "booking_id" not in opened.body

    account = desk.funds()
    confirm = f"/bookings/class/{opened['session_id']}/confirm"
    lacking = desk.post(confirm, {})
    assert lacking.refusal == (400, "validation_error")
    assert "number_of_visits" in lacking.message

    booked = desk.post(confirm, {"number_of_visits": 2, "duration": "MONTHLY"})
    assert (booked.status, booked["visits_deducted"]) == (201, 1)
    assert account - desk.funds() == 2 * opened["cost_per_visit"]
    assert desk.post(confirm, {}).refusal == (409, "session_used")

    second = desk.book("ci_yoga_last_seat", *client)  # the other visit that was bought
    assert second.status == 201
    assert account - desk.funds() == 2 * opened["cost_per_visit"]


def test_book_an_uncovered_gym_through_a_copay(desk: Integrator) -> None:
    opened = desk.book("ci_hiit_open", *STANDARD)
    assert (opened.status, opened["copay_required"]) == (200, True)
    offered = {one["id"]: one for one in opened["copay_options"]}
    listed = desk.get("/providers/prov_ironhouse/gym-copay-options")["data"]
    assert list(offered.values()) == listed

    account, seats = desk.funds(), desk.seats("ci_hiit_open")
    month = offered["copay_ironhouse_month"]
    confirm = f"/bookings/class/{opened['session_id']}/confirm"
    booked = desk.post(confirm, {"copay_package_id": month["id"]})
    assert (booked.status, booked["status"], booked["visits_deducted"]) == (201, "PENDING", 1)
    assert account - desk.funds() == month["amount"]
    assert desk.seats("ci_hiit_open") == seats, "the session held the seat already"

    code = desk.post("/access-codes", {"client_id": "client_standard", "provider_id": "prov_ironhouse"})
    assert code.status == 201, "the co-pay that runs opens the door too"


def test_be_refused_at_a_members_only_gym(desk: Integrator) -> None:
    assert desk.get("/providers/prov_members_only")["copay_available"] is False
    refused = desk.book("ci_members_open", *STANDARD)
    assert refused.refusal == (403, "provider_not_covered")
    door = desk.post("/access-codes", {"client_id": "client_standard", "provider_id": "prov_members_only"})
    assert door.refusal == (403, "provider_not_covered")
    assert desk.book("ci_members_open", *ADA).status == 201, "her pass covers it"


def test_book_a_spa_with_credits_too_few_top_up_and_retry_with_the_same_key(desk: Integrator) -> None:
    wish = (RITUAL, (IN_TWO_DAYS, "10:00"), LOW_CREDITS)
    refused = desk.book_spa(*wish, Idempotency_Key="spa-for-chidi")
    assert refused.refusal == (400, "validation_error")
    assert "10 credits" in refused.message
    assert "balance of 2" in refused.message
    assert desk.credits("client_low_credits") == 2

    topped_up = desk.post(
        "/credit_purchases", {"client_id": "client_low_credits", "package_id": "cpkg_10_plus_2"}
    )
    assert (topped_up.status, topped_up["balance"]) == (201, 14)

    opened = desk.book_spa(*wish, Idempotency_Key="spa-for-chidi")
    assert (opened.status, opened["credits_required"], opened["copay_required"]) == (200, 10, False)
    assert desk.credits("client_low_credits") == 14, "nothing is taken before the confirm"
    again = desk.book_spa(*wish, Idempotency_Key="spa-for-chidi")
    assert (again["session_id"], again.headers["Idempotent-Replayed"]) == (opened["session_id"], "true")

    booked = desk.post(f"/bookings/spa/{opened['session_id']}/confirm")
    assert (booked.status, booked["type"], booked["service_name"]) == (201, "spa", "Luxe Ritual")
    assert desk.credits("client_low_credits") == 4


def test_let_a_quote_expire(desk: Integrator) -> None:
    held = desk.book_spa(MASSAGE, (IN_TWO_DAYS, "10:00"), STANDARD)
    assert (held.status, held["copay_required"]) == (200, True)
    confirm = f"/bookings/spa/{held['session_id']}/confirm"
    assert desk.post(confirm).refusal == (409, "copay_required")

    question = {"client_id": "client_standard", "service_ids": ["svc_massage"]}
    quoted = desk.post("/providers/prov_zen/spa-copay-quote", question)
    assert (quoted.status, quoted["amount"]) == (201, held["copay_amount"])

    desk.pass_time("PT10M")
    purchase = {"client_id": "client_standard", "provider_id": "prov_zen", "quote_id": quoted["id"]}
    assert desk.post("/copay_purchases", purchase).refusal == (409, "quote_expired")

    fresh = desk.post("/providers/prov_zen/spa-copay-quote", question)
    account = desk.funds()
    bought = desk.post("/copay_purchases", {**purchase, "quote_id": fresh["id"]})
    assert (bought.status, bought["type"]) == (201, "SPA")
    assert account - desk.funds() == fresh["amount"]
    assert desk.post(confirm).status == 201
    used = desk.post("/copay_purchases", {**purchase, "quote_id": fresh["id"]})
    assert used.refusal == (409, "quote_used")


def test_a_quote_costs_more_in_the_evening(desk: Integrator) -> None:
    question = {"client_id": "client_standard", "service_ids": ["svc_massage"]}
    at_noon = desk.post("/providers/prov_zen/spa-copay-quote", question)["amount"]
    desk.set_clock("2026-05-12T17:00:00+01:00")
    at_peak = desk.post("/providers/prov_zen/spa-copay-quote", question)["amount"]
    assert at_peak * 10 == at_noon * 12


def test_lose_the_last_seat_to_another(desk: Integrator) -> None:
    assert desk.seats("ci_yoga_last_seat") == 1
    assert desk.book("ci_yoga_last_seat", *NO_CREDITS).status == 201
    assert desk.seats("ci_yoga_last_seat") == 0
    refused = desk.book("ci_yoga_last_seat", *ADA)
    assert refused.refusal == (409, "class_full")

    winner = desk.get("/clients/client_no_credits/bookings")["data"][0]
    assert desk.post(f"/bookings/{winner['id']}/cancel").status == 200
    assert desk.book("ci_yoga_last_seat", *ADA).status == 201


def test_of_many_who_want_the_last_seat_at_once_one_gets_it(desk: Integrator, app: Flask) -> None:
    wishes = [(f"client_rival_{n}", desk.issue(f"client_rival_{n}", "pass_premium")) for n in range(8)]

    def reach_for_it(who: tuple[str, str]) -> int:
        return Integrator(app.test_client()).book("ci_yoga_last_seat", *who).status

    with ThreadPoolExecutor(len(wishes)) as crowd:
        told = sorted(crowd.map(reach_for_it, wishes))
    assert told == [201] + [409] * 7
    assert desk.seats("ci_yoga_last_seat") == 0


def test_lose_the_last_seat_to_an_open_session_and_win_it_when_that_lapses(desk: Integrator) -> None:
    opened = desk.book("ci_yoga_last_seat", "client_visits_used", "brgpass_visits_used")
    assert opened.status == 200
    assert desk.book("ci_yoga_last_seat", *ADA).refusal == (409, "class_full")
    desk.pass_time("PT15M")
    assert desk.seats("ci_yoga_last_seat") == 1
    assert desk.book("ci_yoga_last_seat", *ADA).status == 201
    late = desk.post(
        f"/bookings/class/{opened['session_id']}/confirm", {"number_of_visits": 1, "duration": "MONTHLY"}
    )
    assert late.refusal == (409, "session_expired")


def test_cancel_early_and_late(desk: Integrator) -> None:
    early = desk.book("ci_workshop_open", *ADA)
    assert desk.credits("client_ada") == 45
    cancelled = desk.post(f"/bookings/{early['booking_id']}/cancel", {"reason": "A cold."})
    assert cancelled["refund"] == {
        "visits_restored": 0,
        "credits_refunded": 5,
        "amount_refunded": 0,
        "currency": "NGN",
    }
    assert desk.credits("client_ada") == 50
    assert desk.post(f"/bookings/{early['booking_id']}/cancel").refusal == (409, "already_cancelled")

    late = desk.book("ci_workshop_open", *ADA)
    desk.set_clock("2026-05-16T04:00:01+01:00")  # it begins at ten
    cancelled = desk.post(f"/bookings/{late['booking_id']}/cancel")
    assert (cancelled.status, cancelled["status"]) == (200, "CANCELLED")
    assert cancelled["refund"]["credits_refunded"] == 0
    assert desk.credits("client_ada") == 45


def test_reschedule(desk: Integrator) -> None:
    first = desk.book("ci_workshop_open", *ADA)["booking_id"]
    open_, override = desk.seats("ci_workshop_open"), desk.seats("ci_workshop_override")
    moved = desk.post(f"/bookings/{first}/reschedule", {"class_instance_id": "ci_workshop_override"})
    assert (moved.status, moved["status"]) == (201, "PENDING")
    assert (desk.status(first), desk.status(moved["id"])) == ("RESCHEDULED", "PENDING")
    assert desk.seats("ci_workshop_open") == open_ + 1
    assert desk.seats("ci_workshop_override") == override - 1
    assert desk.credits("client_ada") == 42, "five came back, eight were taken"

    full = desk.book("ci_yoga_open", *ADA)["booking_id"]
    refused = desk.post(f"/bookings/{full}/reschedule", {"class_instance_id": "ci_yoga_full"})
    assert refused.refusal == (409, "class_full")
    assert desk.status(full) == "PENDING", "nothing changed"

    elsewhere = desk.post(f"/bookings/{full}/reschedule", {"class_instance_id": "ci_hiit_open"})
    assert elsewhere.refusal == (400, "validation_error")


def test_reschedule_an_appointment(desk: Integrator) -> None:
    held = desk.book_spa(MASSAGE, (IN_TWO_DAYS, "10:00"), ADA)
    booking = desk.post(f"/bookings/spa/{held['session_id']}/confirm")["id"]
    moved = desk.post(f"/bookings/{booking}/reschedule", {"date": IN_TWO_DAYS, "time": "10:30"})
    assert (moved.status, moved["time"]) == (201, "10:30")
    same = desk.post(f"/bookings/{moved['id']}/reschedule", {"date": IN_TWO_DAYS, "time": "10:30"})
    assert same.refusal == (409, "slot_unavailable")


def test_what_is_available_can_be_booked_and_nothing_else(desk: Integrator) -> None:
    held = desk.book_spa(RITUAL, (IN_TWO_DAYS, "12:00"), ADA)
    assert held.status == 200
    path = f"/providers/prov_luxe/availability?date={IN_TWO_DAYS}&service_ids=svc_luxe_ritual"
    other = ("client_rich", desk.issue("client_rich", "pass_premium"))
    desk.post("/credit_purchases", {"client_id": "client_rich", "package_id": "cpkg_50"})
    for slot in desk.get(path)["slots"]:
        tried = desk.book_spa(RITUAL, (IN_TWO_DAYS, slot["time"]), other)
        if slot["available"]:
            assert tried.status == 200
            assert tried["scheduled_for"] == slot["scheduled_for"]
            desk.pass_time("PT15M")  # let it go again
            held = desk.book_spa(RITUAL, (IN_TWO_DAYS, "12:00"), ADA)
        else:
            assert tried.refusal == (409, "slot_unavailable")


def test_expire_and_revive_a_pass(desk: Integrator) -> None:
    shown = desk.get("/issued_passes/brgpass_ada")
    assert shown["status"] == "ACTIVE"
    desk.set_clock("2027-06-01T12:00:00+01:00")
    assert desk.get("/issued_passes/brgpass_ada")["status"] == "EXPIRED"
    door = {"client_id": "client_ada", "provider_id": "prov_fitzone"}
    assert desk.post("/access-codes", door).refusal == (409, "pass_not_active")

    extended = desk.post(
        "/issued_passes/brgpass_ada/expiry", {"expires_at": shown["expires_at"] + 90 * 86_400_000}
    )
    assert extended.status == 200
    assert desk.get("/issued_passes/brgpass_ada")["status"] == "ACTIVE"
    assert desk.post("/access-codes", door).status == 201

    cancelled = desk.post("/issued_passes/brgpass_ada", {"status": "CANCELLED"})
    assert cancelled.status == 200
    assert desk.post("/access-codes", door).refusal == (409, "pass_not_active")
    revive = desk.post(
        "/issued_passes/brgpass_ada/expiry", {"expires_at": shown["expires_at"] + 180 * 86_400_000}
    )
    assert revive.refusal == (409, "pass_not_active"), "a cancelled pass stays cancelled"


def test_look_up_the_partners_client_and_make_an_access_code_for_her(desk: Integrator) -> None:
    door = {"client_id": "client_partner", "provider_id": "prov_fitzone"}
    assert desk.post("/access-codes", door).refusal == (403, "permission_denied")

    issuer = desk.get("/issuers")["data"][0]["id"]
    asked = desk.post("/lookups", {"issuer_id": issuer, "client_id": "client_partner"})
    assert (asked.status, asked["status"]) == (201, "PENDING")
    code = desk.code_sent_to("client_partner")
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    verify = f"/lookups/{asked['id']}/verify"
    assert desk.post(verify, {"access_code": wrong}).refusal == (400, "validation_error")
    verified = desk.post(verify, {"access_code": code})
    assert (verified.status, verified["status"]) == (200, "VERIFIED")
    token = verified["lookup_token"]

    made = desk.post("/access-codes", door, Bardge_Lookup_Token=token)
    assert made.status == 201
    assert made["qr_code"].startswith("data:image/png;base64,")
    not_hers = desk.post("/access-codes", {**door, "client_id": "client_ada"}, Bardge_Lookup_Token=token)
    assert not_hers.refusal == (403, "invalid_lookup_token")

    booked = desk.book("ci_yoga_open", "client_partner", "brgpass_partner", Bardge_Lookup_Token=token)
    assert booked.status == 201
    theirs = desk.as_(PARTNER)
    assert theirs.get(f"/bookings/{booked['booking_id']}").refusal == (403, "permission_denied")
    assert theirs.get("/clients/client_partner/bookings")["data"] == [], "each sees the bookings it made"
    mine = desk.get("/clients/client_partner/bookings", Bardge_Lookup_Token=token)["data"]
    assert [one["id"] for one in mine] == [booked["booking_id"]]

    assert desk.scan(made["access_code"], "prov_fitzone").status == 200
    assert desk.scan(made["access_code"], "prov_fitzone").refusal == (409, "code_used")


def test_at_the_door_of_a_gym_that_takes_credits(desk: Integrator) -> None:
    door = {"client_id": "client_low_credits", "provider_id": "prov_creditgym"}
    made = desk.post("/access-codes", door)
    assert made.status == 201, "credits are asked for at the door, not before"
    assert desk.scan(made["access_code"], "prov_fitzone").refusal == (409, "code_unknown")
    assert desk.scan(made["access_code"], "prov_creditgym").refusal == (409, "insufficient_credits")
    desk.post("/credit_purchases", {"client_id": "client_low_credits", "package_id": "cpkg_10_plus_2"})
    accepted = desk.scan(made["access_code"], "prov_creditgym")
    assert (accepted["visits_deducted"], accepted["credits_deducted"]) == (0, 3)
    assert desk.credits("client_low_credits") == 11

    second = desk.post("/access-codes", door)
    assert second.status == 201
    assert desk.scan(second["access_code"], "prov_creditgym").refusal == (409, "second_code_same_visit")
    desk.set_clock("2026-05-12T23:59:59.999+01:00")
    assert desk.scan(second["access_code"], "prov_creditgym").refusal == (409, "code_expired")


def test_pay_an_open_session_with_a_package(desk: Integrator) -> None:
    opened = desk.book("ci_hiit_open", *STANDARD)
    order = {"client_id": "client_standard", "copay_package_id": "copay_ironhouse_year"}
    bought = desk.post("/copay_purchases", {**order, "session_id": opened["session_id"]})
    assert (bought.status, bought["type"], bought["provider_id"]) == (201, "PACKAGE", "prov_ironhouse")
    twice = desk.post("/copay_purchases", {**order, "session_id": opened["session_id"]})
    assert twice.refusal == (409, "copay_not_required")
    account = desk.funds()
    booked = desk.post(f"/bookings/class/{opened['session_id']}/confirm")
    assert (booked.status, desk.funds()) == (201, account), "nothing was due any more"
