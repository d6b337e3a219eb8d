"""
Two counts, before and after: how sure one can be that a rate has changed, and that in words.

Events are taken as Poisson. The interval of a rate is Garwood's (Biometrika 28, 1936): `chi2(a/2; 2n)/2` to `chi2(1-a/2; 2n+2)/2`. The rate
ratio is conditional on the total (Przyborowski and Wilenski, Biometrika 31, 1940): given `n` events in all, those after are binomial with
share `r*t2/(t1+r*t2)`, so Clopper and Pearson's interval of that share gives the interval of `r`. Both are exact: they cover at least as
often as they say, however small the counts. `O(1)`.
"""

from dataclasses import dataclass
from typing import Final

from scipy.stats import beta, chi2

CONFIDENCE: Final = 0.95
CAVEATS: Final = (
    "A count is of what was reported, not of what happened: more trust or more looking raises it.",
    "The interval says what chance alone could give; it does not know the season, the weather or what else changed.",
    "People may be counted together more often than chance supposes; then the true interval is wider.",
)


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its bounds; `high` is infinite, and `estimate` too, where nothing was counted before."""

    estimate: float
    low: float
    high: float


def poisson_interval(count: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """
    Give the exact interval of the mean of which `count` events were seen.

    Raises
    ------
    ValueError
        If `count` is negative or `confidence` is not between 0 and 1.
    """
    if count < 0 or not 0 < confidence < 1:
        raise ValueError("a count is not negative, and a confidence lies between 0 and 1")
    tail = (1 - confidence) / 2
    low = float(chi2.ppf(tail, 2 * count)) / 2 if count else 0.0
    return low, float(chi2.isf(tail, 2 * count + 2)) / 2


def rate_ratio(
    before: int, after: int, before_length: float, after_length: float, confidence: float = CONFIDENCE
) -> Interval:
    """
    Give the ratio of the rate after to the rate before, with its exact conditional interval.

    Parameters
    ----------
    before, after
        Counts of events.
    before_length, after_length
        How long each was counted, in one unit (weeks, say); more than 0.
    confidence
        Of the interval.

    Returns
    -------
    ratio
        With nothing counted at all the estimate is not a number and the interval is everything.

    Raises
    ------
    ValueError
        If a count is negative or a length is not more than 0.
    """
    if min(before, after) < 0 or min(before_length, after_length) <= 0 or not 0 < confidence < 1:
        raise ValueError("counts are not negative, and lengths are more than 0")
    tail, odds = (1 - confidence) / 2, before_length / after_length
    if before + after == 0:
        return Interval(float("nan"), 0.0, float("inf"))
    share_low = float(beta.ppf(tail, after, before + 1)) if after else 0.0
    share_high = float(beta.isf(tail, after + 1, before)) if before else 1.0
    high = odds * share_high / (1 - share_high) if share_high < 1 else float("inf")
    estimate = odds * after / before if before else float("inf")
    return Interval(estimate, odds * share_low / (1 - share_low), high)


def in_words(before: int, after: int, before_weeks: float, after_weeks: float, unit: str, good: str) -> str:
    """
    Say a comparison in a sentence that claims no more than the counts can bear.

    `unit` is what is counted, in the plural; `good` is `fewer` or `more`, whichever is hoped for.
    """
    counted = f"{before} {unit} in {_weeks(before_weeks)} before, then {after} in {_weeks(after_weeks)}"
    if before + after == 0:
        return f"{counted}: too little was reported to compare."
    found = rate_ratio(before, after, before_weeks, after_weeks)
    if found.low <= 1 <= found.high:
        return f"{counted}: a difference that could be chance."
    fewer = found.high < 1
    hoped = "as was hoped" if fewer == (good == "fewer") else "not as was hoped"
    return f"{counted}: {'fewer' if fewer else 'more'} a week than chance alone would give, {hoped}."


def in_ranges(
    before: tuple[int, int], after: tuple[int, int], before_weeks: float, after_weeks: float, unit: str
) -> str:
    """Say two counts of which only a range is shown, each with the least and the most that it may be; no more can be said of them."""
    first, then = (f"{least} to {most}" for least, most in (before, after))
    return f"{first} {unit} in {_weeks(before_weeks)} before, then {then} in {_weeks(after_weeks)}."


def _weeks(weeks: float) -> str:
    days = round(weeks * 7)
    if days < 14:
        return f"{days} day{'' if days == 1 else 's'}"
    return f"{round(weeks)} weeks"
