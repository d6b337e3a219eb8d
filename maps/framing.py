"""What a map opens on."""

from typing import Final

import geopandas as gpd
import numpy as np

from maps.drawn import WGS84
from maps.layers import Bounds, local_layer

#: A map of one small place still shows the wards round it: two to three kilometres, in degrees.
WARDS_ROUND: Final = 0.03
#: Of one context, the streets round it: about a kilometre.
STREETS_ROUND: Final = 0.01
#: The ward codes of Portsmouth begin with these digits; an empty map opens on the city.
_HOME: Final = "E0500244|E0500245"


def bounds_of(*frames: gpd.GeoDataFrame | None, least: float = WARDS_ROUND) -> Bounds:
    """
    Give west, south, east and north in degrees of everything in these tables that is in the partnership's area.

    What lies outside it (a station that a child reached) is on the map, but would make the city a dot: it counts only where nothing lies
    inside. Empty tables give the city. `least` is the smallest side, in degrees.
    """
    west, south, east, north = local_layer("lsoa").total_bounds.tolist()
    tables = [frame.to_crs(WGS84) for frame in frames if frame is not None and not frame.empty]
    near = [table.cx[west:east, south:north] for table in tables]
    found = [table.total_bounds for table in (near if any(len(table) for table in near) else tables) if len(table)]
    if not found:
        wards = local_layer("wards")
        found = [wards[wards["code"].str.contains(_HOME)].total_bounds]
    west, south = np.array(found)[:, :2].min(axis=0).tolist()
    east, north = np.array(found)[:, 2:].max(axis=0).tolist()
    wide, high = max(0.0, least - (east - west)) / 2, max(0.0, least - (north - south)) / 2
    return (round(west - wide, 5), round(south - high, 5), round(east + wide, 5), round(north + high, 5))
