"""Many clients at once, and what came of it."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.running import Answer, Line, RunningSandbox

CLIENTS = 64

Act = Callable[[int, Line], Answer]


@dataclass(frozen=True)
class Outcome:
    """What a crowd was answered, in the order of its members."""

    answers: tuple[Answer, ...]

    @property
    def winners(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.status < 300]

    @property
    def the_winner(self) -> Answer:
        assert len(self.winners) == 1, f"{len(self.winners)} won, and the others got {self.refusals}"
        return self.winners[0]

    @property
    def refusals(self) -> Counter[str]:
        """The codes of those that were refused, and how often."""
        return Counter(f"{answer.status} {answer.code}" for answer in self.answers if answer.status >= 300)

    def require_nothing_broke(self) -> None:
        broken = [answer.raw for answer in self.answers if answer.status >= 500]
        assert not broken, broken[:3]


class Crowd:
    """Clients with a connection each, spread over the workers, who all start at the same signal."""

    def __init__(self, sandbox: RunningSandbox, count: int = CLIENTS, key: str = "sk_sandbox_demo") -> None:
        self._lines = [sandbox.line(key) for _ in range(count)]
        self._threads = ThreadPoolExecutor(count)

    def rush(self, act: Act) -> Outcome:
        start = threading.Barrier(len(self._lines))

        def once(member: int) -> Answer:
            start.wait(30)
            return act(member, self._lines[member])

        outcome = Outcome(tuple(self._threads.map(once, range(len(self._lines)))))
        outcome.require_nothing_broke()
        return outcome

    def close(self) -> None:
        self._threads.shutdown()
        for line in self._lines:
            line.close()
