"""The official names of places that come with the product: neighbourhoods, schools and stations (see `data/README.md`)."""

import csv
from functools import cache
from pathlib import Path
from typing import Final

from queries.analysis.place_names import NameReader, Official

_DATA: Final = Path(__file__).with_name("data")


def official_names() -> list[Official]:
    """Give every official name with its position (WGS 84), neighbourhoods marked as areas."""
    return [
        *(
            Official(row["name"], float(row["latitude"]), float(row["longitude"]), row["kind"] == "area")
            for row in _rows("place_names.csv")
        ),
        *(
            Official(f"{row['name']} station", float(row["latitude"]), float(row["longitude"]), is_area=False)
            for row in _rows("stations.csv")
        ),
    ]


@cache
def official_reader() -> NameReader:
    """Give a reader of names against these, made once."""
    return NameReader(official_names())


def _rows(name: str) -> list[dict[str, str]]:
    with (_DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
