"""The world's clock: read, set, moved, stopped and started."""

from sandbox.control.call import Call, Desk, Reply
from sandbox.control.times import advanced, moment_of
from sandbox.domain.moments import rfc3339
from sandbox.world.clock import Clock


def get_clock(call: Call, desk: Desk) -> Reply:
    return _told(desk)


def move_clock(call: Call, desk: Desk) -> Reply:
    clock: Clock = desk.state.clock
    body = call.body
    if "set" in body:
        clock = clock.set_to(moment_of(body["set"], "body.set"))
    elif "advance" in body:
        clock = clock.set_to(advanced(clock.now(), body["advance"], "body.advance"))
    elif "freeze" in body:
        clock = clock.freeze()
    else:
        clock = clock.run()
    desk.save(clock=clock)
    return _told(desk)


def _told(desk: Desk) -> Reply:
    clock = desk.state.clock
    return Reply({"now": rfc3339(clock.now()), "running": clock.running})
