"""Exact intervals of counts and of their ratio, against published tables, scipy's own test and plain sums of probabilities."""

import math

import pytest
from scipy.stats import binom, binomtest, poisson

from graph_service.services.contexts.outcome import rounded
from graph_service.web.change_picture import change_picture
from queries.analysis.before_after import in_words, poisson_interval, rate_ratio


@pytest.mark.parametrize(
    ("count", "low", "high"),
    # Garwood's limits as every table of them has: Biometrika tables for statisticians, vol. 1, table 40.
    [(0, 0.0, 3.689), (1, 0.0253, 5.572), (2, 0.2422, 7.225), (5, 1.623, 11.668), (10, 4.795, 18.390), (20, 12.217, 30.888), (50, 37.111, 65.919)],
)  # fmt: skip
def test_intervals_of_a_count_are_those_of_the_table(count: int, low: float, high: float) -> None:
    assert poisson_interval(count) == pytest.approx((low, high), abs=1e-3)


@pytest.mark.parametrize("count", [1, 3, 9, 40])
def test_at_each_bound_the_count_has_its_tail(count: int) -> None:
    low, high = poisson_interval(count)
    assert poisson.sf(count - 1, low) == pytest.approx(0.025)
    assert poisson.cdf(count, high) == pytest.approx(0.025)


@pytest.mark.parametrize(
    ("before", "after", "weeks"),
    [(9, 4, (12, 8)), (20, 3, (12, 12)), (1, 6, (12, 3)), (5, 0, (12, 12)), (0, 5, (12, 12))],
)
def test_the_ratio_is_scipys_exact_interval_of_the_share(before: int, after: int, weeks: tuple[float, float]) -> None:
    share = binomtest(after, before + after).proportion_ci(0.95, "exact")
    found = rate_ratio(before, after, *weeks)
    odds = weeks[0] / weeks[1]
    assert found.low == pytest.approx(odds * share.low / (1 - share.low))
    assert found.high == (pytest.approx(odds * share.high / (1 - share.high)) if share.high < 1 else math.inf)
    if found.low > 0 and found.high < math.inf:
        # At each bound, the chance of a share at least as far away is 2.5 %.
        low, high = (bound / (bound + odds) for bound in (found.low, found.high))
        assert binom.sf(after - 1, before + after, low) == pytest.approx(0.025)
        assert binom.cdf(after, before + after, high) == pytest.approx(0.025)


def test_nothing_counted_says_nothing() -> None:
    found = rate_ratio(0, 0, 12, 12)
    assert math.isnan(found.estimate)
    assert (found.low, found.high) == (0.0, math.inf)
    assert rate_ratio(0, 3, 12, 12).estimate == math.inf
    for wrong in ((-1, 0, 1, 1), (0, 0, 0, 1), (0, 0, 1, -1)):
        with pytest.raises(ValueError, match="not negative"):
            rate_ratio(*wrong)
    with pytest.raises(ValueError, match="not negative"):
        poisson_interval(-1)


T = "12 weeks before"


@pytest.mark.parametrize(
    ("counts", "good", "said"),
    [
        ((9, 4, 12, 12), "fewer", "9 incidents in 12 weeks before, then 4 in 12 weeks: a difference that could be chance."),
        ((30, 5, 12, 12), "fewer", "30 incidents in 12 weeks before, then 5 in 12 weeks: fewer a week than chance alone would give, as was hoped."),
        ((5, 30, 12, 12), "fewer", f"5 incidents in {T}, then 30 in 12 weeks: more a week than chance alone would give, not as was hoped."),
        ((5, 30, 12, 12), "more", "5 incidents in 12 weeks before, then 30 in 12 weeks: more a week than chance alone would give, as was hoped."),
        ((0, 0, 12, 1 / 7), "fewer", "0 incidents in 12 weeks before, then 0 in 1 day: too little was reported to compare."),
    ],
)  # fmt: skip
def test_a_comparison_claims_no_more_than_it_can(counts: tuple[int, int, float, float], good: str, said: str) -> None:
    assert in_words(*counts, "incidents", good) == said


def test_counts_for_those_who_are_shown_no_small_ones_are_rounded_down_and_say_their_range() -> None:
    told = rounded(14, 5, (12.0, 8.0), "incidents")
    assert told["sentence"] == "10 to 14 incidents in 12 weeks before, then 5 to 9 in 8 weeks."
    assert (told["before"]["count"], told["after"]["count"], told["ratio"]) == (10, 5, None)
    assert told["before"]["evidence"] == told["after"]["evidence"] == []
    # One more or less, before the next five, is told by nothing; and with either small, neither is shown.
    assert told == rounded(10, 9, (12.0, 8.0), "incidents")
    assert rounded(14, 4, (12.0, 8.0), "incidents") == rounded(3, 22, (12.0, 8.0), "incidents")
    assert change_picture(told).bars[0].length > change_picture(told).bars[1].length > 0
    assert change_picture(rounded(1, 9, (12.0, 8.0), "incidents")).bars == ()
