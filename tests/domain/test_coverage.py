"""Coverage: a package opens the providers whose category and tier it names (PASS-5)."""

import pytest

from sandbox.domain.coverage import covering, provider_count, rule_of, tally
from sandbox.domain.records import Package, Provider
from sandbox.domain.resources import named
from tests.domain.small_town import small_town


@pytest.mark.parametrize(
    ("package_id", "provider_id", "covered"),
    [
        ("pass_premium", "prov_fitzone", True),
        ("pass_premium", "prov_ironhouse", True),
        ("pass_premium", "prov_luxe", True),
        ("pass_standard", "prov_fitzone", True),
        ("pass_standard", "prov_ironhouse", False),  # the category fits, the tier doesn't
        ("pass_standard", "prov_zen", False),  # the tier fits, the category doesn't
        ("pass_spa", "prov_zen", True),
        ("pass_spa", "prov_fitzone", False),
    ],
)
def test_a_provider_is_covered_when_category_and_tier_both_fit(
    package_id: str, provider_id: str, covered: bool
) -> None:
    books = small_town()
    package, provider = named(books, Package, package_id), named(books, Provider, provider_id)
    assert (covering(package, provider) is not None) is covered


def test_provider_count_is_the_number_of_providers_the_package_covers() -> None:
    books = small_town()
    providers = list(books.rising(Provider))
    for package in books.rising(Package):
        covered = [provider for provider in providers if covering(package, provider)]
        assert provider_count(package, tally(providers)) == len(covered) > 0


def test_visits_are_counted_on_the_category_whatever_the_tier() -> None:
    package = named(small_town(), Package, "pass_standard")
    assert rule_of(package, "GYM") == package.categories[0]
    assert rule_of(package, "SPA") is None
