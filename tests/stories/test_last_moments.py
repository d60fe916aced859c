"""What lives until T, from its first answer to T: alive a millisecond before, over at the moment it told.

The clock stands between two seconds when each begins, as a real one does nearly always.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.stories.integrator import Integrator, Told

BETWEEN_TWO_SECONDS = "2026-05-12T12:00:00.789+01:00"
IN_SECONDS, IN_MILLISECONDS = 1_000, 1
STANDARD = ("client_standard", "brgpass_standard")
ADA = ("client_ada", "brgpass_ada")
IRONHOUSE = {"client_id": "client_standard", "provider_id": "prov_ironhouse"}
FITZONE = {"client_id": "client_ada", "provider_id": "prov_fitzone"}
MONTH = {"copay_package_id": "copay_ironhouse_month"}

Refusal = tuple[int, str]
Use = Callable[[], Told]
Begin = Callable[
    [Integrator], tuple[int, Use, Refusal]
]  # T in milliseconds, how it is used, what says it is over


def class_session(desk: Integrator) -> tuple[int, Use, Refusal]:
    opened = desk.book("ci_hiit_open", *STANDARD)
    confirm = f"/bookings/class/{opened['session_id']}/confirm"
    return opened["expires_at"] * IN_SECONDS, lambda: desk.post(confirm, MONTH), (409, "session_expired")


def spa_session(desk: Integrator) -> tuple[int, Use, Refusal]:
    opened = desk.book_spa(("prov_zen", "svc_massage"), ("2026-05-14", "10:00"), ADA)
    confirm = f"/bookings/spa/{opened['session_id']}/confirm"
    return opened["expires_at"] * IN_SECONDS, lambda: desk.post(confirm), (409, "session_expired")


def access_code_session(desk: Integrator) -> tuple[int, Use, Refusal]:
    opened = desk.post("/access-codes", IRONHOUSE)
    confirm = f"/access-codes/{opened['session_id']}/confirm"
    return opened["expires_at"] * IN_MILLISECONDS, lambda: desk.post(confirm, MONTH), (409, "session_expired")


def quote(desk: Integrator) -> tuple[int, Use, Refusal]:
    question = {"client_id": "client_standard", "service_ids": ["svc_massage"]}
    quoted = desk.post("/providers/prov_zen/spa-copay-quote", question)
    order = {"client_id": "client_standard", "provider_id": "prov_zen", "quote_id": quoted["id"]}
    return (
        quoted["expires_at"] * IN_MILLISECONDS,
        lambda: desk.post("/copay_purchases", order),
        (409, "quote_expired"),
    )


def spa_copay(desk: Integrator) -> tuple[int, Use, Refusal]:
    when = ("2026-05-14", "10:00")
    question = {"client_id": "client_standard", "service_ids": ["svc_massage"]}
    quoted = desk.post("/providers/prov_zen/spa-copay-quote", question)
    order = {"client_id": "client_standard", "provider_id": "prov_zen", "quote_id": quoted["id"]}
    bought = desk.post("/copay_purchases", order)

    def book_with_it() -> Told:
        opened = desk.book_spa(("prov_zen", "svc_massage"), when, STANDARD)
        return desk.post(f"/bookings/spa/{opened['session_id']}/confirm")

    return bought["valid_until"] * IN_MILLISECONDS, book_with_it, (409, "copay_required")


def access_code(desk: Integrator) -> tuple[int, Use, Refusal]:
    made = desk.post("/access-codes", FITZONE)
    return (
        made["expires_at"] * IN_MILLISECONDS,
        lambda: desk.scan(made["access_code"], "prov_fitzone"),
        (409, "code_expired"),
    )


def pass_(desk: Integrator) -> tuple[int, Use, Refusal]:
    order = {"pass_id": "pass_spa", "client_id": "client_new", "first_name": "Bola", "last_name": "Ade"}
    issued = desk.post("/issued_passes", order)
    door = {"client_id": "client_new", "provider_id": "prov_zen"}
    return (
        issued["expires_at"] * IN_MILLISECONDS,
        lambda: desk.post("/access-codes", door),
        (409, "pass_not_active"),
    )


def credits_bought(desk: Integrator) -> tuple[int, Use, Refusal]:
    order = {"client_id": "client_no_credits", "package_id": "cpkg_90_days"}
    bought = desk.post("/credit_purchases", order)
    who = ("client_no_credits", "brgpass_no_credits")
    end = bought["expires_at"] * IN_MILLISECONDS

    def spend() -> Told:
        return desk.book_spa(("prov_luxe", "svc_luxe_ritual"), ("2026-08-12", "10:00"), who)

    return end, spend, (400, "validation_error")


def lookup(desk: Integrator) -> tuple[int, Use, Refusal]:
    asked = desk.post("/lookups", {"issuer_id": "iss_partner", "client_id": "client_partner"})
    body = {"access_code": desk.code_sent_to("client_partner")}
    verify = f"/lookups/{asked['id']}/verify"
    return asked["expires_at"] * IN_MILLISECONDS, lambda: desk.post(verify, body), (409, "lookup_not_pending")


def lookup_token(desk: Integrator) -> tuple[int, Use, Refusal]:
    asked = desk.post("/lookups", {"issuer_id": "iss_partner", "client_id": "client_partner"})
    body = {"access_code": desk.code_sent_to("client_partner")}
    verified = desk.post(f"/lookups/{asked['id']}/verify", body)
    return (
        verified["token_expires_at"] * IN_MILLISECONDS,
        lambda: desk.get("/clients/client_partner", Bardge_Lookup_Token=verified["lookup_token"]),
        (403, "invalid_lookup_token"),
    )


KINDS = (
    class_session,
    spa_session,
    access_code_session,
    quote,
    spa_copay,
    access_code,
    pass_,
    credits_bought,
    lookup,
    lookup_token,
)


@pytest.mark.parametrize("begin", KINDS, ids=lambda kind: kind.__name__)
def test_it_is_over_at_the_moment_it_tells_and_not_a_millisecond_sooner(
    desk: Integrator, begin: Begin
) -> None:
    desk.set_clock(BETWEEN_TWO_SECONDS)
    end, use, refusal = begin(desk)
    _stand_at(desk, end)
    assert use().refusal == refusal
    _stand_at(desk, end - 1)
    assert use().status in (200, 201)


def test_a_gym_copay_opens_the_door_until_the_moment_it_tells(desk: Integrator) -> None:
    desk.set_clock(BETWEEN_TWO_SECONDS)
    bought = desk.post("/copay_purchases", {**IRONHOUSE, "copay_option_id": "copay_ironhouse_month"})
    _stand_at(desk, bought["valid_until"])
    assert desk.post("/access-codes", IRONHOUSE)["object"] == "access_code_session"
    _stand_at(desk, bought["valid_until"] - 1)
    assert desk.post("/access-codes", IRONHOUSE)["object"] == "access_code"


def test_an_answer_is_kept_for_a_day_to_the_millisecond(desk: Integrator) -> None:
    order = {"client_id": "client_ada", "package_id": "cpkg_50"}
    desk.set_clock(BETWEEN_TWO_SECONDS)
    bought = desk.post("/credit_purchases", order, Idempotency_Key="a-day")
    end = bought["created"] + 86_400_000
    _stand_at(desk, end - 1)
    again = desk.post("/credit_purchases", order, Idempotency_Key="a-day")
    assert (again["id"], again.headers["Idempotent-Replayed"]) == (bought["id"], "true")
    _stand_at(desk, end)
    anew = desk.post("/credit_purchases", order, Idempotency_Key="a-day")
    assert (anew.status, anew["balance"]) == (201, 150)
    assert anew["id"] != bought["id"]


def _stand_at(desk: Integrator, milliseconds: int) -> None:
    desk.set_clock(datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds"))
