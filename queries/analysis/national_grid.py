"""WGS 84 degrees to metres on the British National Grid (EPSG:27700), where distances and cells are true."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import pyproj

from queries.projection import Floats


@cache
def _onto_grid() -> pyproj.Transformer:
    """Build the transformer at its first use: 20 ms each time otherwise. It is safe to share between threads (pyproj 3.1 and later)."""
    return pyproj.Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True)


def eastings_northings(latitudes: Sequence[float], longitudes: Sequence[float]) -> Floats:
    """Give a row a point: easting and northing in metres."""
    eastings, northings = _onto_grid().transform(np.asarray(longitudes, float), np.asarray(latitudes, float))
    return np.column_stack([eastings, northings])
