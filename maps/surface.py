"""
A smooth density picture made on the server from the squares that may be shown.

Made from events instead, the peak over a lone event would stand on its very place; made from squares, the picture holds no more than they do.
"""

import base64
import math
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
from branca.utilities import write_png
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.ndimage import gaussian_filter

from maps.errors import MapDataError
from maps.steps import COLOURS, counts_of

WEB_MERCATOR: Final = "EPSG:3857"
#: Widest side of the picture in pixels, and how many pixels a bandwidth spans.
_WIDEST: Final = 900
_PIXELS_A_BANDWIDTH: Final = 6
#: A share of the peak below which nothing is drawn.
_FAINTEST: Final = 0.08


@dataclass(frozen=True, slots=True)
class Surface:
    """A picture as a data URI, and where it lies (west, south, east, north in degrees)."""

    picture: str
    bounds: tuple[float, float, float, float]


def density_surface(cells: gpd.GeoDataFrame, *, bandwidth_metres: float = 400) -> Surface | None:
    """
    Smooth the counts of squares with a Gaussian kernel and draw them in five bands.

    Parameters
    ----------
    cells
        Polygons (any CRS) with `events`; hidden counts (None) add nothing.
    bandwidth_metres
        Standard deviation of the kernel, in metres on the ground.

    Returns
    -------
    surface
        None if every count is hidden or zero. Rows are evenly spaced in Web Mercator, as Leaflet stretches a picture.
    """
    if cells.crs is None:
        raise MapDataError("cells", "needs a known CRS")
    counts = np.array([count or 0 for count in counts_of(cells["events"], "cells")], dtype=float)
    if not counts.any():
        return None
    shown = cells[counts > 0].to_crs(WEB_MERCATOR)
    weights = counts[counts > 0]
    centres = shown.geometry.centroid
    latitude = Transformer.from_crs(WEB_MERCATOR, "EPSG:4326", always_xy=True).transform(0.0, float(centres.y.mean()))[
        1
    ]
    bandwidth = bandwidth_metres / math.cos(math.radians(latitude))  # Web Mercator stretches metres
    west, south, east, north = shown.total_bounds
    west, south, east, north = west - 3 * bandwidth, south - 3 * bandwidth, east + 3 * bandwidth, north + 3 * bandwidth
    pixel = max(bandwidth / _PIXELS_A_BANDWIDTH, (east - west) / _WIDEST, (north - south) / _WIDEST)
    width, height = math.ceil((east - west) / pixel), math.ceil((north - south) / pixel)
    image = np.zeros((height, width))
    columns = ((centres.x.to_numpy() - west) / pixel).astype(int)
    rows = ((north - centres.y.to_numpy()) / pixel).astype(int)
    np.add.at(image, (rows, columns), weights)
    smooth = gaussian_filter(image, bandwidth / pixel, mode="constant")
    picture = write_png(_banded(smooth / smooth.max()))
    corners = Transformer.from_crs(WEB_MERCATOR, "EPSG:4326", always_xy=True)
    left, bottom = corners.transform(west, north - height * pixel)
    right, top = corners.transform(west + width * pixel, north)
    bounds = (round(left, 5), round(bottom, 5), round(right, 5), round(top, 5))
    return Surface("data:image/png;base64," + base64.b64encode(picture).decode(), bounds)


def _banded(share: NDArray[np.float64]) -> NDArray[np.uint8]:
    bands = np.clip(((share - _FAINTEST) / (1 - _FAINTEST) * len(COLOURS)).astype(int), 0, len(COLOURS) - 1)
    colours = np.array([[int(shade[i : i + 2], 16) for i in (1, 3, 5)] + [220] for shade in COLOURS], dtype=np.uint8)
    picture: NDArray[np.uint8] = colours[bands]
    picture[share < _FAINTEST] = 0
    return picture
