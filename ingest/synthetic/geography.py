"""Real places of Portsmouth, read from the files beside this module (see `data/README.md`), and points invented near them."""

import csv
import gzip
import io
import math
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingest.synthetic.figures import Size

_DATA: Final = Path(__file__).with_name("data")
_AREAS: Final[dict[Size, frozenset[str]]] = {
    "city": frozenset({"portsmouth"}),
    "force": frozenset({"portsmouth", "solent"}),
    "london": frozenset({"portsmouth", "solent", "lewisham"}),
}
_FAR: Final = frozenset({"WAT", "SOU", "BTN"})
_NEARBY: Final = (("Bus stop", "transport"), ("Open ground", "place"), ("Shops", "place"))
_ONLINE: Final = ("Invented video app", "Invented game server", "Invented message group")
OWN_SCHOOL: Final = "Springfield School"
OWN_SCHOOL_KEY: Final = "demo-school"  # what the school persona holds, `school:demo-school`, names it
_METRES_A_DEGREE: Final = 111_320.0


@dataclass(frozen=True, slots=True)
class Place:
    """A location: its source key, what it is called, its subkind and its position (WGS 84), None online."""

    key: str
    label: str
    subkind: str
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class Postcode:
    """A postcode and its centroid (WGS 84)."""

    name: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Geography:
    """Where things happen. `public` are stops, open ground and shops; `far` are stations outside the area."""

    schools: tuple[Place, ...]
    stations: tuple[Place, ...]
    far: tuple[Place, ...]
    public: tuple[Place, ...]
    online: tuple[Place, ...]
    postcodes: tuple[Postcode, ...]

    @property
    def own_school(self) -> Place:
        """The school whose lead is one of the personas."""
        return next(school for school in self.schools if school.key == OWN_SCHOOL_KEY)

    def everywhere(self) -> tuple[Place, ...]:
        """Give every place that is nobody's home."""
        return (*self.schools, *self.stations, *self.far, *self.public, *self.online)

    def named(self, label: str) -> Place:
        """
        Give a public place or a station by its label.

        Raises
        ------
        StopIteration
            If there is none; labels are those of this module and its data.
        """
        return next(place for place in (*self.public, *self.stations) if place.label == label)


def load_geography(size: Size, rng: random.Random) -> Geography:
    """Read the places of a size; the larger sizes have a stop, open ground or shops at one postcode in ten besides."""
    postcodes = _postcodes(_AREAS[size])
    public = [
        near(f"demo:place/{kind}-{row['name']}".lower().replace(" ", "-"), f"{kind}, {row['name']}", subkind, row, rng)
        for row in _rows("neighbourhoods.csv")
        for kind, subkind in _NEARBY
    ]
    if size != "city":
        for number, code in enumerate(postcodes[::10]):
            kind, subkind = _NEARBY[number % 3]
            public.append(
                Place(
                    f"demo:place/more-{number:05d}", f"{kind} near {code.name}", subkind, code.latitude, code.longitude
                )
            )
    schools = [
        Place(
            OWN_SCHOOL_KEY if row["name"] == OWN_SCHOOL else f"demo:school/{number:02d}",
            row["name"],
            "school",
            float(row["latitude"]),
            float(row["longitude"]),
        )
        for number, row in enumerate(_rows("schools.csv"))
    ]
    stations = [
        (
            row["crs"],
            Place(
                f"demo:station/{row['crs']}",
                f"{row['name']} station",
                "transport",
                float(row["latitude"]),
                float(row["longitude"]),
            ),
        )
        for row in _rows("stations.csv")
    ]
    return Geography(
        tuple(schools),
        tuple(place for crs, place in stations if crs not in _FAR),
        tuple(place for crs, place in stations if crs in _FAR),
        tuple(public),
        tuple(Place(f"demo:online/{at}", label, "online", None, None) for at, label in enumerate(_ONLINE)),
        postcodes,
    )


def near(
    key: str, label: str, subkind: str, row: dict[str, str] | Place, rng: random.Random, metres: float = 180
) -> Place:
    """Make a place at most `metres` from a real point."""
    if isinstance(row, Place):
        latitude, longitude = row.latitude or 0.0, row.longitude or 0.0
    else:
        latitude, longitude = float(row["latitude"]), float(row["longitude"])
    away, bearing = rng.uniform(0.1, 1) * metres, rng.uniform(0, 2 * math.pi)
    north = latitude + away * math.cos(bearing) / _METRES_A_DEGREE
    east = longitude + away * math.sin(bearing) / (_METRES_A_DEGREE * math.cos(math.radians(latitude)))
    return Place(key, label, subkind, round(north, 6), round(east, 6))


def _rows(name: str) -> list[dict[str, str]]:
    with (_DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _postcodes(areas: frozenset[str]) -> tuple[Postcode, ...]:
    text = gzip.decompress((_DATA / "postcodes.csv.gz").read_bytes()).decode("utf-8")
    return tuple(
        Postcode(row["postcode"], float(row["latitude"]), float(row["longitude"]))
        for row in csv.DictReader(io.StringIO(text))
        if row["area"] in areas
    )
