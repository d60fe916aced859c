"""Which providers a package opens: those whose category and tier it names (PASS-5)."""

from collections import Counter
from collections.abc import Iterable
from typing import TypeAlias

from sandbox.domain.records import Category, CategoryRule, Package, Provider, Tier

Tally: TypeAlias = Counter[tuple[Category, Tier]]


def covering(package: Package, provider: Provider) -> CategoryRule | None:
    """The category of the package that covers this provider, or None."""
    for rule in package.categories:
        if rule.type == provider.category and provider.tier in rule.tiers:
            return rule
    return None


def rule_of(package: Package, category: Category) -> CategoryRule | None:
    """The package's rule for a category, whatever the tier: visits are counted on it (PASS-10)."""
    return next((rule for rule in package.categories if rule.type == category), None)


def tally(providers: Iterable[Provider]) -> Tally:
    """How many providers there are of each category and tier: counted once for a page of packages."""
    return Counter((provider.category, provider.tier) for provider in providers)


def provider_count(package: Package, providers: Tally) -> int:
    kinds = {(rule.type, tier) for rule in package.categories for tier in rule.tiers}
    return sum(providers[kind] for kind in kinds)
