"""The figures that the demonstration is calibrated to, and how they grow with its size."""

from typing import Final, Literal, TypeAlias

Size: TypeAlias = Literal["city", "force", "london"]

# Missing episodes in four quarters (Portsmouth MET Strategy 2018-20, appendix 2).
QUARTERS: Final = (292, 427, 424, 434)
# Children missing three times or more in a quarter: 51, 62, 48 and 40. In which quarter those who are missing often begin, to that end.
OFTEN: Final = (40, 62)
OFTEN_BEGIN: Final = (64, 44, 36, 58)
QUARTER_DAYS: Final = 91
DAYS: Final = QUARTER_DAYS * len(QUARTERS)
EPISODES_A_YEAR: Final[dict[Size, int]] = {"city": sum(QUARTERS), "force": 10_000, "london": 100_000}

# Of children's missing incidents 65 to 75 in 100 are repeats; 4 to 6 in 100 children account for 28 to 33 in 100 incidents.
SHARE_REPEATS: Final = 0.70
SHARE_HEAVY_CHILDREN: Final = 0.05
SHARE_HEAVY_EPISODES: Final = 0.305
SHARE_ONCE: Final = 0.48
SHARE_TWICE: Final = 0.17

# Hours that an episode lasts: log-normal. Half are over in 7.8 hours, one in twenty lasts about two days.
MEDIAN_HOURS: Final = 7.8
SPREAD_HOURS: Final = 1.05

# Children on the MET list at the end of a month, by the band that a practitioner recorded (high, medium, low).
BANDS: Final = ("high", "medium", "low")
LIST_LEAST: Final = (2, 17, 13)
LIST_MOST: Final = (7, 33, 27)
LIST_ALL: Final = (37, 60)

# Referrals to the National Referral Mechanism of people under 18, by quarter; unaccompanied minors in a year.
REFERRALS: Final = (0, 0, 1, 26)
UNACCOMPANIED: Final = 39

OPEN_NOW: Final = 4


def scale_of(size: Size) -> float:
    """Say how many times the city a size is, by episodes a year."""
    return EPISODES_A_YEAR[size] / EPISODES_A_YEAR["city"]


def scaled(count: int, scale: float) -> int:
    """Give a count of the city at another size; what is there in the city is there at every size."""
    return max(round(count * scale), min(count, 1))
