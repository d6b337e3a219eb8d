"""A map of how densely events lie: our raster beside Folium's HeatMap, from the same points to one document."""

import dataclasses
import re

import folium
import geopandas as gpd
import numpy as np
from folium.plugins import HeatMap
from measured import Measured, Size, timing
from pyproj import Transformer

from maps.findings import Words, surface_map
from maps.surface import grid_surface
from queries.analysis.density import bandwidth_of, density
from queries.analysis.metre_grid import grid_around

WORDS = Words("Where missing children were found", "all that is recorded", "snapped", "P")
LOOKED_FOR = 1_000
PAIR = re.compile(r"(-?\d+\.\d{4,}),\s*(-?\d+\.\d{4,})")


def measure(size: Size) -> list[Measured]:
    """Time both from points in metres or degrees to the text of the document, and look for the points in it."""
    count = 100_000 if size == "full" else 5_000
    dice = np.random.default_rng(3)
    middles = dice.uniform((460_000, 98_000), (470_000, 108_000), (60, 2))
    points = middles[dice.integers(0, 60, count)] + dice.normal(0, 300, (count, 2))
    to_degrees = Transformer.from_crs("EPSG:27700", "EPSG:4326", always_xy=True)
    east, north = to_degrees.transform(*points.T)
    degrees = np.column_stack([north, east]).tolist()
    nothing = gpd.GeoDataFrame({"label": [], "events": [], "per_km2": []}, geometry=[], crs="EPSG:27700")
    base = len(surface_map(None, nothing, WORDS).html())

    def told(document: str) -> tuple[int, int]:
        """Give the length of a document, and how many of the points stand in it to about a metre."""
        pairs = {(float(one), float(other)) for one, other in PAIR.findall(document)}
        held = {tuple(sorted((round(one, 5), round(other, 5)))) for one, other in pairs}
        return len(document), sum(tuple(sorted((round(y, 5), round(x, 5)))) in held for y, x in degrees[:LOOKED_FOR])

    def ours() -> str:
        grid = grid_around([*points.min(axis=0), *points.max(axis=0)], 100, margin_metres=1_200)
        found = density(points, grid, bandwidth=bandwidth_of(points, 400))
        picture = grid_surface(found.values, easting=grid.easting, northing=grid.northing, metres=grid.metres)
        return surface_map(picture, nothing, WORDS).html()

    def heat_map() -> str:
        drawn = folium.Map(location=degrees[0], tiles=None)
        HeatMap(degrees).add_to(drawn)
        return drawn.get_root().render()

    mine, peer = timing(ours, rounds=5), timing(heat_map, rounds=3)
    (length, held), (peer_length, peer_held) = told(mine.result), told(peer.result)
    added, ratio = (length - base) / 1e6, mine.cpu / peer.cpu
    met = ratio <= 1 and added <= 0.1 and not held if size == "full" else None
    return [
        Measured(
            "map of density, points to document",
            f"{count:,} events",
            "surface, drawn as one picture",
            dataclasses.replace(mine, result=None),
            "Folium HeatMap",
            dataclasses.replace(peer, result=None),
            "",
            None,
            f"of {LOOKED_FOR:,} points looked for, {held} are in ours and {peer_held} in HeatMap's",
            "at most HeatMap's time, 0.1 MB over the vendored base, no exact point",
            met,
            f"{ratio:.2f} by processor; {added:.3f} MB over its own base of {base / 1e6:.1f} MB, HeatMap's {peer_length / 1e6:.1f} MB fetches its scripts",
        )
    ]
