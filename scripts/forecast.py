"""
Fits forecasts on October to December 2018 of real Hampshire street crime, predicts January 2019, and writes docs/forecast.md.

`python scripts/forecast.py`, from the top folder. Bandwidth and half life are chosen inside the training months (October and November,
tried on December), never on January.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd

from queries.analysis.forecast import SHARES, Hit, by_count, by_density, by_near_repeat, by_nothing, judged
from queries.analysis.metre_grid import MetreGrid, grid_around, land_of
from queries.analysis.national_grid import eastings_northings
from queries.projection import Bools, Floats, Ints

TOP: Final = Path(__file__).resolve().parents[1]
CRIMES: Final = TOP / "docs" / "data" / "hampshire-2018-10_2019-01.csv.gz"
PAGE: Final = TOP / "docs" / "forecast.md"
MONTHS: Final = ("2018-10", "2018-11", "2018-12", "2019-01")
CELL_METRES: Final = 250
BANDWIDTHS: Final = (150.0, 250.0, 400.0, 800.0)
HALF_LIVES: Final = (1.0, 2.0, 4.0)
CHOSEN_AT: Final = 0.05
AREAS: Final = {
    "Portsmouth": ("Portsmouth",),
    "six districts": ("Portsmouth", "Southampton", "Eastleigh", "Fareham", "Gosport", "Havant"),
}
GROUPS: Final = {
    "all street crime": (),
    "anti-social behaviour": ("Anti-social behaviour",),
    "violence and sexual offences": ("Violence and sexual offences",),
    "criminal damage and arson": ("Criminal damage and arson",),
    "public order": ("Public order",),
    "burglary": ("Burglary",),
    "vehicle crime": ("Vehicle crime",),
    "theft and robbery": ("Other theft", "Shoplifting", "Bicycle theft", "Theft from the person", "Robbery"),
    "drugs and weapons": ("Drugs", "Possession of weapons"),
}
KINDS: Final = ("count, last month", "count, three months", "density", "near repeats")
Score: TypeAlias = Callable[[Floats, Ints], Floats]


@dataclass(frozen=True)
class Row:
    """One method on one group of crime in one area, at each share of the land."""

    area: str
    group: str
    method: str
    hits: list[Hit]


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(TOP)}")
    return 0


def page() -> str:
    """Give the whole page as text; the same data give the same text."""
    rows = list(every_row())
    return "\n".join([INTRODUCTION, *summary(rows), *tables(rows), TRAPS]) + "\n"


def every_row() -> Iterator[Row]:
    """Fit, choose and judge every method, group by group."""
    crimes = pd.read_csv(CRIMES)
    land = gpd.read_file(TOP / "maps" / "layers" / "land.geojson").to_crs(27700).set_index("name").geometry
    for area, districts in AREAS.items():
        here = crimes[crimes["district"].isin(districts)]
        shapes = [land[name] for name in districts]
        bounds = gpd.GeoSeries(shapes).total_bounds
        grid = grid_around(bounds.tolist(), CELL_METRES)
        on_land = land_of(grid, shapes)
        for group, types in GROUPS.items():
            some = here[here["crime_type"].isin(types)] if types else here
            points = eastings_northings(some["latitude"].to_list(), some["longitude"].to_list())
            month = np.array([MONTHS.index(name) for name in some["month"]], np.int64)
            for method, hits in judged_methods(points, month, grid, on_land).items():
                yield Row(area, group, method, hits)


def judged_methods(points: Floats, month: Ints, grid: MetreGrid, land: Bools) -> dict[str, list[Hit]]:
    """Judge each method on January, its settings chosen by training on October and November and trying on December."""

    def score_of(method: Score, last: int) -> Floats:
        return method(points[month <= last], last + 1 - month[month <= last])

    def tried(method: Score) -> float:
        return judged(score_of(method, 1), land, points[month == 2], grid, shares=[CHOSEN_AT])[0].hits

    density = max((density_by(grid, land, metres) for metres in BANDWIDTHS), key=lambda found: tried(found[1]))
    repeats = max(
        (repeat_by(grid, land, metres, life) for metres in BANDWIDTHS for life in HALF_LIVES),
        key=lambda found: tried(found[1]),
    )
    methods: dict[str, Score] = {
        "no forecast (even chance)": lambda _points, _ages: by_nothing(grid),
        "count, last month": lambda trained, ages: by_count(trained[ages == 1], grid),
        "count, three months": lambda trained, _ages: by_count(trained, grid),
        density[0]: density[1],
        repeats[0]: repeats[1],
    }
    return {
        name: judged(score_of(method, 2), land, points[month == 3], grid, shares=SHARES)
        for name, method in methods.items()
    }


def density_by(grid: MetreGrid, land: Bools, metres: float) -> tuple[str, Score]:
    """Name a density with one bandwidth."""
    return f"density, {metres:.0f} m", lambda trained, _ages: by_density(trained, grid, land, bandwidth_metres=metres)


def repeat_by(grid: MetreGrid, land: Bools, metres: float, life: float) -> tuple[str, Score]:
    """Name a near-repeat weight with one bandwidth and half life."""

    def score(trained: Floats, ages: Ints) -> Floats:
        return by_near_repeat(trained, ages.astype(float), grid, land, bandwidth_metres=metres, half_life=life)

    return f"near repeats, {metres:.0f} m, halved in {life:.0f} mo.", score


def summary(rows: list[Row]) -> Iterator[str]:
    """Say in how many groups each kind of method had the most hits (ties count for each), and their median hit rates."""
    yield "## Who won, how often"
    yield ""
    yield f"Of the {len(GROUPS)} groups of crime: in how many a method had the highest hit rate (ties count for each), and its median hit rate."
    yield ""
    yield "| area | share of the land | " + " | ".join(KINDS) + " |"
    yield "|---|---|" + "---|" * len(KINDS)
    for area in AREAS:
        for at, share in enumerate(SHARES):
            rates = np.array(
                [
                    [row.hits[at].hit_rate for row in rows if row.area == area and row.method.startswith(kind)]
                    for kind in KINDS
                ]
            )
            wins = (rates >= rates.max(axis=0) - 1e-12).sum(axis=1)
            cells = [f"{won}, {median:.1%}" for won, median in zip(wins, np.median(rates, axis=1), strict=True)]
            yield f"| {area} | {share:.0%} | " + " | ".join(cells) + " |"
    yield ""
    yield "A plain count of the three months is hard to beat. One month is too little. Smoothing earns its place where records are thin and more than"
    yield "a twentieth of the land is taken (burglary, drugs and weapons), and fading by the month adds little to it."
    yield ""


def tables(rows: list[Row]) -> Iterator[str]:
    """Give a table for each area."""
    for area in AREAS:
        yield f"## {area[0].upper()}{area[1:]}"
        yield ""
        yield "Each cell: hit rate, then PAI, then PEI."
        yield ""
        yield "| crime | records in January | method | " + " | ".join(f"{share:.0%} of land" for share in SHARES) + " |"
        yield "|---|---|---|" + "---|" * len(SHARES)
        for row in rows:
            if row.area == area:
                figures = " | ".join(f"{hit.hit_rate:.1%}, {hit.pai:.1f}, {hit.pei:.2f}" for hit in row.hits)
                yield f"| {row.group} | {row.hits[0].events:,} | {row.method} | {figures} |"
        yield ""


INTRODUCTION: Final = f"""# A forecast, judged

Fitted on October to December 2018 of real street crime, predicting January 2019, on cells of {CELL_METRES} m. Written by
`scripts/forecast.py`; the methods and measures are in `queries/analysis/forecast.py`. Places are ranked, no person is.

- **Hit rate**: the share of January's records that fell in the cells taken. **PAI** (Chainey, Tompson and Uhlig 2008): hit rate over the
  share of land taken; 1 is no better than chance. **PEI** (Hunt 2016): hits over the most that any choice of as many cells could have
  had; 1 is perfect.
- Only cells whose middle is on land are area. Records in a cell off land (piers, the simplified shore) cannot be hit and count as missed.
- Bandwidth ({", ".join(f"{b:.0f}" for b in BANDWIDTHS)} m) and half life ({", ".join(f"{h:.0f}" for h in HALF_LIVES)} months) were chosen
  for each group by fitting on October and November and trying on December, at {CHOSEN_AT:.0%} of the land; January was not looked at.
- Where cells tie at the edge, the figure is the mean over every way to take them.
"""
TRAPS: Final = """## Read this before the figures

- **Snap points.** The police move each record to one of a fixed list of points, each standing for at least eight addresses. Records of one
  street fall on one point month after month, which flatters every method, counts most, and makes the narrowest bandwidth offered win
  so often. A cell without a snap point can never be hit.
- **Months, not days.** With months alone, near repeats (a week or two after an event, within some hundred metres) cannot be seen: the decay
  here is over months, and this is no fair test of near-repeat methods.
- **Anti-social behaviour has no identifier**: exact repeats of a row may be second events or copies. Every row counts.
- **One test month.** January follows three autumn months; one winter month in one area is a single trial. The groups overlap with *all
  street crime*, and Portsmouth is one of the six districts. Hit rates of some hundred records move by several points by chance alone: at
  20 % of 400 records, the 95 % interval is about 16 to 24 %. Most differences between methods here are smaller than that.
- **PAI falls as the area grows**, for every method: compare along a column, never along a row. It is highest where few cells hold a busy
  town centre.
- **Records are not events.** They follow where people report and where police look; a forecast fitted on them sends attention where
  attention was.

Contains public sector information licensed under the Open Government Licence v3.0 (data.police.uk). Land: `maps/layers/ATTRIBUTION.md`."""

if __name__ == "__main__":
    sys.exit(main())
