"""
What may be shown of a figure, a name or a place to those who may not see the records behind it. Pure functions.

Counts are withheld as None, never as 0. What is published of places, in which figures must not be subtracted from each other, is
`queries.analysis.published`. Source: Data Protection Act 2018 s.37.
"""

import hashlib
import hmac
from enum import StrEnum
from functools import cache
from typing import Final

from osbng.indexing import xy_to_bng
from pyproj import Transformer

SMALLEST_SHOWN: Final = 5
# No vowels, so that no word appears; none of the characters that are mistaken for another when read out or written by hand.
_ALPHABET: Final = "CDFHJKMNPQRTVWXY34679"
_LENGTH: Final = 8


class Precision(StrEnum):
    """How closely a place is shown: the point itself, the middle of its 100 m National Grid cell, or of its 1 km cell."""

    EXACT = "exact"
    SNAPPED = "snapped"
    AREA = "area"

    @property
    def metres(self) -> int:
        """The side of the cell that a point stands for, in metres; 0 where it is the point itself."""
        return {Precision.EXACT: 0, Precision.SNAPPED: 100, Precision.AREA: 1000}[self]


def precision_for(role: str) -> Precision:
    """Give the precision at which a role is shown places; whoever is not named here sees areas."""
    if role in {"coordinator", "satellite", "intelligence"}:
        return Precision.EXACT
    return Precision.SNAPPED if role == "analyst" else Precision.AREA


def shown_point(latitude: float, longitude: float, precision: Precision) -> tuple[float, float] | None:
    """
    Give the point to show for a point: itself, or the middle of its National Grid cell.

    Parameters
    ----------
    latitude, longitude
        WGS 84 degrees.
    precision
        How closely the place may be shown.

    Returns
    -------
    point
        Latitude and longitude in WGS 84 degrees, rounded to 6 decimals; None outside the National Grid, where no cell is known.
        All points of a cell give the same one, so repeats cannot be averaged back to the truth.
    """
    if precision is Precision.EXACT:
        return latitude, longitude
    there, back = _transformers()
    easting, northing = there.transform(longitude, latitude)
    if not (0 <= easting < 700_000 and 0 <= northing < 1_300_000):
        return None
    middle_easting, middle_northing = xy_to_bng(easting, northing, precision.metres).bng_to_xy(position="centre")
    shown_longitude, shown_latitude = back.transform(middle_easting, middle_northing)
    return round(float(shown_latitude), 6), round(float(shown_longitude), 6)


@cache
def _transformers() -> tuple[Transformer, Transformer]:
    there = Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True)
    return there, Transformer.from_crs("EPSG:27700", "EPSG:4326", always_xy=True)


def pseudonym(key: bytes, subject_key: str, kind: str) -> str:
    """
    Give the name under which a subject is shown to those who may not see names, such as `Child 4F7K-XQ3M`.

    The same subject has the same one under the same key, and without the key it cannot be traced back, not even by
    trying every name. Among 100,000 subjects two share one in about one city in eight.
    """
    digest = int.from_bytes(hmac.digest(key, f"{kind}\x1f{subject_key}".encode(), hashlib.sha256), "big")
    letters = []
    for _ in range(_LENGTH):
        digest, place = divmod(digest, len(_ALPHABET))
        letters.append(_ALPHABET[place])
    word = "".join(letters)
    return f"{kind.replace('_', ' ').capitalize()} {word[:4]}-{word[4:]}"


def initials(label: str) -> str:
    """Give the initials of a name, such as `A.E.`; nothing where there is no letter."""
    return "".join(f"{word[0].upper()}." for word in label.replace("-", " ").split() if word[0].isalpha())


def rounded_down(count: int, to: int = SMALLEST_SHOWN) -> int | None:
    """
    Give a count rounded down to a multiple of the smallest that is shown, or None below it.

    Two such counts are apart by nought or at least as much, whatever windows and moments they are of, so that nothing smaller can be had by
    subtracting them.
    """
    return count // to * to or None
