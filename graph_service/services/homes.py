"""The partnership's own list of homes and placements, as a CSV file that is read again whenever it has changed."""

import csv
import math
from collections.abc import Callable
from pathlib import Path
from typing import Final

from graph_service.errors import SettingsError
from queries.analysis.homes import NO_LIST, Circle, HomeList

#: How near to a position on the list a place is taken for it, in metres, where the row says nothing: a building and its garden.
NEAR_METRES: Final = 50.0
_FARTHEST_METRES: Final = 1000.0


class HomesFile:
    """
    Reads the list. A question asked after the file was saved goes by what it says then.

    The file has a header row with `place` (a uid, a source key, or `ref:BUNDLE/REF`), or `latitude` and `longitude` (WGS 84 degrees) with
    `radius_metres` if wanted, or all of them; other columns, such as a name, are not read.
    """

    def __init__(self, path: Callable[[], Path | None]) -> None:
        self._find, self._path = path, path()
        self._stamp: tuple[int, int] | None = None
        self._list = NO_LIST

    def current(self) -> HomeList:
        """
        Give the list as it is now; an empty one where no file is named.

        Raises
        ------
        SettingsError
            If the file cannot be read or a row cannot be used. A list that is only half read would show a home.
        """
        # A file that was there once is missed when it is gone: its homes must not appear because it was moved.
        self._path = self._path or self._find()
        if self._path is None:
            return NO_LIST
        try:
            found = self._path.stat()
            stamp = (found.st_mtime_ns, found.st_size)
            if stamp != self._stamp:
                self._list = _read(self._path.read_text(encoding="utf-8-sig"))
                self._stamp = stamp
        except (OSError, UnicodeDecodeError):
            raise SettingsError("PMET_HOMES_FILE: the list of homes and placements cannot be read") from None
        return self._list


def _read(text: str) -> HomeList:
    rows = csv.DictReader(text.splitlines())
    columns = {name.strip().lower(): name for name in rows.fieldnames or ()}
    if not ("place" in columns or {"latitude", "longitude"} <= columns.keys()):
        raise SettingsError("PMET_HOMES_FILE: needs the column place, or latitude and longitude")
    names: set[str] = set()
    circles: list[Circle] = []
    for number, row in enumerate(rows, start=2):
        given = {short: (row[name] or "").strip() for short, name in columns.items()}
        place, position = given.get("place", ""), (given.get("latitude", ""), given.get("longitude", ""))
        if place:
            names.add(place.removeprefix("ref:"))
        if any(position):
            circles.append(_circle(number, *position, given.get("radius_metres", "")))
        elif not place and any(given.values()):
            raise SettingsError(f"PMET_HOMES_FILE: line {number} has neither a place nor a position")
    return HomeList(frozenset(names), tuple(circles))


def _circle(number: int, latitude: str, longitude: str, radius: str) -> Circle:
    try:
        circle = Circle(float(latitude), float(longitude), float(radius) if radius else NEAR_METRES)
    except ValueError:
        circle = Circle(math.nan, math.nan, math.nan)
    inside = -90 <= circle.latitude <= 90 and -180 <= circle.longitude <= 180
    if not (inside and 0 < circle.radius_metres <= _FARTHEST_METRES):
        raise SettingsError(
            f"PMET_HOMES_FILE: line {number} needs latitude and longitude in degrees, and a radius of up to {_FARTHEST_METRES:.0f} metres"
        )
    return circle
