"""The same sandbox and world as the tests of the control API have."""

from tests.control.conftest import tester, tester_on, world

__all__ = ["tester", "tester_on", "world"]
