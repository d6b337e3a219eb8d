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
from scipy.ndimage import gaussian_filter, map_coordinates

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
    """
    A picture as a data URI, and where it lies (west, south, east, north in degrees).

    `limits` are the upper limits of its bands, lightest first, where they are in a unit that a reader knows.
    """

    picture: str
    bounds: tuple[float, float, float, float]
    limits: tuple[float, ...] = ()


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


def grid_surface(values: NDArray[np.float64], *, easting: float, northing: float, metres: float) -> Surface | None:
    """
    Draw a surface that is given on a grid in metres.

    Parameters
    ----------
    values
        Events a square kilometre in each cell: a row a northing, south first; a column an easting, west first.
    easting, northing
        The outer south-west corner (EPSG:27700).
    metres
        Side of a cell.

    Returns
    -------
    surface
        None if nothing is above 0. The grid is turned and stretched to Web Mercator: positions are worked out on a mesh of 33 by 33 and
        between them on straight lines, which is right to a centimetre over a county.
    """
    peak = float(values.max(initial=0.0))
    if peak <= 0:
        return None
    drawn = np.argwhere(values >= _FAINTEST * peak)
    (bottom, left), (top, right) = drawn.min(axis=0) - 1, drawn.max(axis=0) + 2
    onto = Transformer.from_crs("EPSG:27700", WEB_MERCATOR, always_xy=True)
    edges = np.linspace(0, 1, 33)
    east = easting + metres * (left + (right - left) * edges)
    north = northing + metres * (bottom + (top - bottom) * edges)
    xs, ys = onto.transform(*(axis.ravel() for axis in np.meshgrid(east, north)))
    west, south, east_end, north_end = min(xs), min(ys), max(xs), max(ys)
    pixel = max((east_end - west) / _WIDEST, (north_end - south) / _WIDEST, metres / 4)
    width, height = math.ceil((east_end - west) / pixel), math.ceil((north_end - south) / pixel)
    mesh_x, mesh_y = west + pixel * width * edges, north_end - pixel * height * edges
    over, up = np.meshgrid(mesh_x, mesh_y)
    back = onto.transform(over.ravel(), up.ravel(), direction="INVERSE")
    rows, columns = np.meshgrid(
        (np.arange(height) + 0.5) / height * 32, (np.arange(width) + 0.5) / width * 32, indexing="ij"
    )
    at_east, at_north = (
        map_coordinates(np.asarray(axis).reshape(33, 33), [rows, columns], order=1, mode="nearest") for axis in back
    )
    where = [(at_north - northing) / metres - 0.5, (at_east - easting) / metres - 0.5]
    share = map_coordinates(values / peak, where, order=1, mode="constant", cval=0.0)
    corners = Transformer.from_crs(WEB_MERCATOR, "EPSG:4326", always_xy=True)
    lower_left = corners.transform(west, north_end - height * pixel)
    upper_right = corners.transform(west + width * pixel, north_end)
    bounds = tuple(round(float(part), 5) for part in (*lower_left, *upper_right))
    limits = tuple(
        float(peak * (_FAINTEST + (1 - _FAINTEST) * (band + 1) / len(COLOURS))) for band in range(len(COLOURS))
    )
    picture = base64.b64encode(write_png(_banded(share))).decode()
    return Surface(f"data:image/png;base64,{picture}", (bounds[0], bounds[1], bounds[2], bounds[3]), limits)


def _banded(share: NDArray[np.float64]) -> NDArray[np.uint8]:
    bands = np.clip(((share - _FAINTEST) / (1 - _FAINTEST) * len(COLOURS)).astype(int), 0, len(COLOURS) - 1)
    colours = np.array([[int(shade[i : i + 2], 16) for i in (1, 3, 5)] + [220] for shade in COLOURS], dtype=np.uint8)
    picture: NDArray[np.uint8] = colours[bands]
    picture[share < _FAINTEST] = 0
    return picture
