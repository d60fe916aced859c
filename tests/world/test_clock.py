import pytest

from sandbox.domain.moments import DAY, Millis, rfc3339
from sandbox.world.clock import EARLIEST, LATEST, Clock, OutOfReach, real_now


def test_a_new_clock_shows_the_present_and_runs():
    assert abs(Clock().now() - real_now()) < 1_000
    assert Clock().running


def test_a_frozen_clock_stands_still_and_is_set_frozen():
    frozen = Clock().freeze()
    assert frozen.now() == frozen.now()
    moved = frozen.set_to(frozen.now() + DAY)
    assert moved.now() == frozen.now() + DAY
    assert not moved.running


def test_a_clock_set_running_goes_on_from_where_it_stood():
    clock = Clock(frozen=Millis(1_000_000)).run()
    assert clock.running
    assert 1_000_000 <= clock.now() < 1_060_000


@pytest.mark.parametrize("moment", [EARLIEST, LATEST, Millis(1_000)])
def test_any_distance_forward_or_backward(moment):
    clock = Clock().set_to(moment)
    assert moment <= clock.now() <= moment + 60_000
    assert rfc3339(clock.now())


@pytest.mark.parametrize("moment", [EARLIEST - 1, LATEST + 1])
def test_beyond_reach_is_refused(moment):
    with pytest.raises(OutOfReach):
        Clock().set_to(moment)
