"""The client's phone, and the scanner at the provider's door."""

from sandbox.control import views
from sandbox.control.call import Call, Desk, Reply, listed
from sandbox.domain import check_ins
from sandbox.domain.records import CheckIn, Message

SHOWN = 100


def list_messages(call: Call, desk: Desk) -> Reply:
    wanted = call.query.get("client_id")
    sent = [one for one in desk.world.falling(Message) if wanted in (None, one.client_id)]
    shown = sent[: call.query.get("limit", SHOWN)]
    return listed([views.message(one) for one in shown], len(sent))


def list_check_ins(call: Call, desk: Desk) -> Reply:
    wanted = call.query.get("client_id")
    if wanted is None:
        every = sorted(desk.world.all(CheckIn), key=lambda one: (one.created, one.nth), reverse=True)
    else:
        every = list(desk.world.falling(CheckIn, wanted))
    shown = every[: call.query.get("limit", SHOWN)]
    return listed([views.check_in(one) for one in shown], len(every))


def check_in(call: Call, desk: Desk) -> Reply:
    accepted = check_ins.scan(desk.world, call.body["access_code"], call.body["provider_id"])
    answer = {
        "accepted": True,
        "client_id": accepted.client_id,
        "visits_deducted": accepted.payment.visits,
        "credits_deducted": accepted.payment.credits_taken,
    }
    return Reply(answer)
