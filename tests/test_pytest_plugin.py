"""The pytest plugin, used as its users do: in a run of its own, with a test of an imaginary client."""

from importlib.metadata import entry_points

import pytest

pytest_plugins = ["pytester"]

SHOP = '''
import http.client, json
from urllib.parse import urlsplit

class Shop:
    """A client somebody wrote: it retries once when the connection breaks, with the same key."""

    def __init__(self, base_url, key):
        self.url, self.key = urlsplit(base_url), key

    def ask(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=10)
        headers = {"Authorization": "Bearer " + self.key, "Content-Type": "application/json", **headers}
        try:
            raw = None if body is None else json.dumps(body)
            connection.request(method, self.url.path + path, raw, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def book(self, client="client_ada", instance="ci_yoga_open", pass_="brgpass_ada"):
        body = {"class_instance_id": instance, "client_id": client, "first_name": "Ada", "last_name": "O",
                "user_pass_id": pass_}
        for attempt in range(2):
            try:
                return self.ask("POST", "/bookings/class", body, **{"Idempotency-Key": "order-1"})
            except (OSError, http.client.HTTPException):
                continue
'''

A_TEST_SUITE = """
from datetime import timedelta
import pytest
from sandbox.pytest_plugin import ControlRefused
from shop import Shop

@pytest.fixture
def shop(bardge_world):
    return Shop(bardge_world.base_url, bardge_world.api_key)

def test_a_lost_answer_is_retried_and_not_booked_twice(bardge_world, shop):
    bardge_world.faults.add("book_class", when="after", drop="connection", times=1)
    status, booking = shop.book()
    assert status == 201
    asked = bardge_world.requests(operation="book_class")
    assert [one["replayed"] for one in asked] == [True, False]
    assert bardge_world.faults.list()[0]["struck"] == 1

def test_a_day_later_it_is_over(bardge_world, shop):
    _, booking = shop.book()
    before = bardge_world.clock.now
    assert bardge_world.clock.advance(days=5, hours=1) - before >= timedelta(days=5, hours=1)
    _, told = shop.ask("GET", "/bookings/" + booking["booking_id"])
    assert told["status"] == "COMPLETED"

def test_a_month_is_the_calendars_and_the_clock_says_how_to_ask_for_it(bardge_world):
    with pytest.raises(TypeError, match="P1M"):
        bardge_world.clock.advance(months=1)

def test_a_failure_that_shows_the_world_shows_no_key(bardge_world):
    assert bardge_world.api_key not in repr(bardge_world)

def test_a_client_with_two_credits_is_refused(bardge_world, shop):
    bardge_world.load("low_credits")
    status, refusal = shop.book("client_low_credits", "ci_workshop_open", "brgpass_low_credits")
    assert (status, refusal["error"]["code"]) == (400, "validation_error")

def test_a_scenario_plays(bardge_world):
    bardge_world.play("lookup_a_client")
    assert bardge_world.messages("client_partner")[0]["code"].isdigit()

def test_a_scenario_that_goes_wrong_says_where(bardge_world):
    story = {"title": "t", "steps": [{"title": "no", "call": "list_passes", "expect": {"status": 404}}]}
    with pytest.raises(AssertionError, match="1. no: Expected the status 404; 200 came."):
        bardge_world.play(story)

def test_a_snapshot_brings_the_seat_back(bardge_world, shop):
    bardge_world.snapshot()
    shop.book()
    bardge_world.restore()
    assert shop.ask("GET", "/clients/client_ada/bookings?limit=1")[1]["data"] == []
    bardge_world.snapshot()

def test_the_scanner_refuses_what_it_does_not_know(bardge_world):
    with pytest.raises(ControlRefused) as refused:
        bardge_world.check_in("NOTACODE", "prov_fitzone")
    assert refused.value.code == "code_unknown"

def test_an_account_can_be_switched_off(bardge_world, shop):
    bardge_world.ask("PATCH", "/accounts/demo", {"enabled": False})
    assert shop.ask("GET", "/passes")[0] == 403

@pytest.mark.parametrize("n", range(4))
def test_every_test_has_a_world_of_its_own(bardge_world, shop, n):
    assert bardge_world.requests() == []
    assert shop.book()[0] == 201
"""


OURS = ("-p", "sandbox.pytest_plugin", "-p", "no:cacheprovider", "-q")


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Without the other plugins that happen to be installed here: they take seconds to import."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(shop=SHOP, test_shop=A_TEST_SUITE)
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    return pytester


def test_a_suite_of_an_imaginary_client_passes(suite: pytest.Pytester) -> None:
    suite.runpytest_subprocess(*OURS).assert_outcomes(passed=14)


def test_it_is_safe_under_xdist(suite: pytest.Pytester) -> None:
    suite.runpytest_subprocess(*OURS, "-p", "xdist", "-n", "2").assert_outcomes(passed=14)


def test_the_settings_can_be_overridden(suite: pytest.Pytester) -> None:
    suite.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session")
        def bardge_sandbox_settings():
            return {"seed": 7}
        """
    )
    suite.makepyfile(test_seed="def test_seed(bardge_world): assert bardge_world.ask('GET', '')['seed'] == 7")
    suite.runpytest_subprocess(*OURS, "test_seed.py").assert_outcomes(passed=1)


def test_nothing_heavy_is_imported_until_a_fixture_is_asked_for(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        test_light="""
        import sys

        def test_nothing_of_it_is_here():
            assert "sandbox.pytest_plugin" in sys.modules
            heavy = {"flask", "yaml", "msgspec", "jsonschema_rs", "sandbox.app", "click"}
            assert not heavy & sys.modules.keys()
        """
    )
    suite.runpytest_subprocess(*OURS, "test_light.py").assert_outcomes(passed=1)


def test_whoever_installs_the_package_has_it() -> None:
    (found,) = entry_points(group="pytest11", name="bardge_sandbox")
    assert found.value == "sandbox.pytest_plugin"
