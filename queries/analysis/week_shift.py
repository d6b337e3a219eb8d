"""
How often two children would be missing together by chance: the exact week-shift null.

One child's whole schedule is moved by every whole number of weeks up to `MOST_WEEKS` either way, which keeps the hours of the week, the
bursts and the lengths of both. Every shift is counted, so that nothing is sampled; what chance gives is the mean over them.
"""

from typing import Final

WEEK_MS: Final = 7 * 24 * 60 * 60 * 1000
MOST_WEEKS: Final = 26


def weights_of_shifts(span: int) -> dict[int, float]:
    """
    Give the weight in that mean of each number of weeks, none where the data are too short to move a schedule about in.

    Parameters
    ----------
    span
        From the first start to the last end in the data, milliseconds. Schedules are moved by at most half of it.

    Notes
    -----
    Near the edges of the data a moved schedule meets less of the other: each shift is scaled up by the share of `span` that it leaves.
    What was observed (no shift) is among them: that keeps the mean above nothing, so that a single meeting is never a finding by itself.
    """
    most = int(min(MOST_WEEKS, span // (2 * WEEK_MS)))
    shifts = range(-most, most + 1)
    return {weeks: span / (span - abs(weeks) * WEEK_MS) / len(shifts) for weeks in shifts} if most else {}
