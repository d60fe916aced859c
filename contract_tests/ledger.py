"""What the run has seen so far: every exchange, and what each of them says about a requirement.

Two kinds of judgement end here. A *rule test* says what it judged. A *standing promise* (the envelope of
errors, the request id, the shape of answers) is judged on every answer that any layer sees.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable

from contract_tests.exchange import Exchange
from contract_tests.verdict import Finding

KEPT = 12  # exchanges kept per requirement
FINDINGS_KEPT = 8


class Ledger:
    def __init__(self) -> None:
        self.failures: dict[str, list[Finding]] = defaultdict(list)
        self.blocks: dict[str, list[Finding]] = defaultdict(list)
        self.errors: dict[str, list[Finding]] = defaultdict(list)
        self.passes: Counter[str] = Counter()
        self.exchanges: dict[str, list[Exchange]] = {}
        self.calls: Counter[tuple[str, int]] = Counter()  # (operation, status) → how often
        self.codes: Counter[tuple[str, str]] = Counter()  # (operation, error code) → how often
        self.request_ids: set[str] = set()
        self.current: list[Exchange] = []
        self.test = "preflight"
        self.off = ""  # the first standing promise broken while the present test ran
        self.contested = False  # the present test stands on seats that others may take or give back
        self._lock = threading.Lock()

    def begin(self, test: str) -> None:
        self.test, self.current, self.off, self.contested = test, [], "", False

    def saw(self, exchange: Exchange, code: str | None) -> None:
        with self._lock:
            self.current.append(exchange)
            if exchange.operation:
                self.calls[exchange.operation, exchange.status] += 1
                if code:
                    self.codes[exchange.operation, code] += 1

    def first_use(self, request_id: str) -> bool:
        with self._lock:
            fresh = request_id not in self.request_ids
            self.request_ids.add(request_id)
            return fresh

    def kept(self, requirement: str) -> None:
        """A promise was held against the target and stood."""
        self.passes[requirement] += 1

    def broke(self, requirement: str, sentence: str, exchange: Exchange | None = None) -> None:
        self.off = self.off or requirement
        findings = self.failures[requirement]
        if len(findings) < FINDINGS_KEPT and sentence not in [f.sentence for f in findings]:
            findings.append(Finding(sentence, self.test, exchange))
            self.show(requirement, [exchange] if exchange else self.current)

    def block(self, requirement: str, sentence: str) -> None:
        self.blocks[requirement].append(Finding(sentence, self.test))

    def err(self, requirement: str, sentence: str) -> None:
        self.errors[requirement].append(Finding(sentence, self.test))

    def show(self, requirement: str, exchanges: Iterable[Exchange]) -> None:
        """Keeps the exchanges a reader would want to see beside this requirement."""
        kept = self.exchanges.setdefault(requirement, [])
        kept.extend(e for e in exchanges if e not in kept)
        del kept[:-KEPT]

    def reached(self, operation: str) -> bool:
        return any(name == operation and 200 <= status < 300 for name, status in self.calls)
