"""Visits: how many a pass has left, and taking, returning and buying them (PASS-6, PASS-10, BOOK-20).

A pass's own visits come afresh with each calendar period since its start; visits bought on
top last a month or a year. Both are counters on the pass, so that asking never counts bookings.
"""

from msgspec.structs import replace

from sandbox.domain.coverage import rule_of
from sandbox.domain.moments import Millis, months_in, period_of, plus_months
from sandbox.domain.records import (
    BoughtVisits,
    Category,
    CategoryRule,
    IssuedPass,
    Package,
    Payment,
    Provider,
    Tier,
)

COST_PER_VISIT: dict[Tier, int] = {"STANDARD": 350_000, "PREMIUM": 600_000}  # kobo (BOOK-2)


def cost_per_visit(provider: Provider) -> int:
    """What one more visit costs in kobo; it depends on the provider's tier alone."""
    return COST_PER_VISIT[provider.tier]


def left(pass_: IssuedPass, package: Package, category: Category, now: int) -> int | None:
    """Visits that could be used now, the period's own and the bought ones; None where there is no limit."""
    rule = rule_of(package, category)
    own = 0 if rule is None else _own_left(pass_, rule, now)
    return None if own is None else own + _bought_left(pass_, category, now)


def all_used(pass_: IssuedPass, package: Package, now: int) -> bool:
    """PASS-11: nothing is left, bought visits included, of the pass's last period.

    The last period is the one that holds the last millisecond before the pass expires. A cap
    used up in an earlier month doesn't count: the next month brings new visits.
    """
    last_moment = pass_.expires - 1
    return all(
        _own_left(pass_, rule, last_moment) == 0 and not _bought_left(pass_, rule.type, now)
        for rule in package.categories
    )


def take(
    pass_: IssuedPass, package: Package, category: Category, now: int
) -> tuple[IssuedPass, Payment] | None:
    """One visit: the period's own first, then bought ones, soonest to lapse first. None: none is left."""
    rule = rule_of(package, category)
    if rule is not None and _own_left(pass_, rule, now) != 0:
        period = period_of(pass_.starts, rule.duration, now)
        payment = Payment(pass_id=pass_.id, category=category, period=period)
        return _count(pass_, category, period, +1), payment
    open_ = [lot for lot in pass_.bought if lot.category == category and _remaining(lot, now)]
    if not open_:
        return None
    lot = min(open_, key=lambda lot: (lot.lapses, lot.bought))
    payment = Payment(pass_id=pass_.id, category=category, bought=lot.bought, bought_lapses=lot.lapses)
    return _use_bought(pass_, lot, +1), payment


def give_back(pass_: IssuedPass, payment: Payment) -> IssuedPass:
    """A returned visit goes back where it came from (PASS-10), even if that has lapsed meanwhile."""
    if payment.category is None:
        return pass_
    if payment.period is not None:
        return _count(pass_, payment.category, payment.period, -1)
    came_from = (payment.category, payment.bought, payment.bought_lapses)
    lot = next(lot for lot in pass_.bought if (lot.category, lot.bought, lot.lapses) == came_from)
    return _use_bought(pass_, lot, -1)


def buy(pass_: IssuedPass, category: Category, count: int, duration: str, now: int) -> IssuedPass:
    """BOOK-20: bought visits can be used for one month (MONTHLY) or year (ANNUALLY) from now."""
    lapses = plus_months(now, months_in(duration))
    same = next(
        (b for b in pass_.bought if (b.category, b.bought, b.lapses) == (category, now, lapses)), None
    )
    if same is not None:  # bought in one and the same millisecond: one lot, so that returns find it
        return _replace_bought(pass_, same, replace(same, count=same.count + count))
    lot = BoughtVisits(category=category, count=count, bought=Millis(now), lapses=lapses)
    return replace(pass_, bought=(*pass_.bought, lot))


def _own_left(pass_: IssuedPass, rule: CategoryRule, moment: int) -> int | None:
    if rule.visits_allowed is None:
        return None
    used = pass_.used.get(_period_key(rule.type, period_of(pass_.starts, rule.duration, moment)), 0)
    return max(rule.visits_allowed - used, 0)


def _bought_left(pass_: IssuedPass, category: Category, now: int) -> int:
    return sum(_remaining(lot, now) for lot in pass_.bought if lot.category == category)


def _remaining(lot: BoughtVisits, now: int) -> int:
    return lot.count - lot.used if now < lot.lapses else 0


def _period_key(category: Category, period: int) -> str:
    return f"{category}:{period}"


def _count(pass_: IssuedPass, category: Category, period: int, change: int) -> IssuedPass:
    key = _period_key(category, period)
    return replace(pass_, used={**pass_.used, key: pass_.used.get(key, 0) + change})


def _use_bought(pass_: IssuedPass, lot: BoughtVisits, change: int) -> IssuedPass:
    return _replace_bought(pass_, lot, replace(lot, used=lot.used + change))


def _replace_bought(pass_: IssuedPass, old: BoughtVisits, new: BoughtVisits) -> IssuedPass:
    return replace(pass_, bought=tuple(new if lot is old else lot for lot in pass_.bought))
