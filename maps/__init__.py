"""
GeoDataFrames in, self-contained maps out.

What may be shown was decided before the data arrived: nothing here knows a viewer, a driver or a framework. Every document holds all that it
needs and can fetch nothing; every value is text, never HTML.
"""

from maps.absence_bars import absence_bars
from maps.base import OfflineMap
from maps.co_missing import co_missing_map
from maps.context import context_map
from maps.errors import MapDataError, MapError, UnsafeElementError
from maps.grid import by_time_of_day, grid_cells
from maps.group_picture import group_picture
from maps.hotspots import hotspot_map
from maps.network import network_of
from maps.page import DrawnPage, Handling, OfflinePage, Precision
from maps.peer_drawing import peer_drawing
from maps.peers import peer_map

__all__ = [
    "DrawnPage",
    "Handling",
    "MapDataError",
    "MapError",
    "OfflineMap",
    "OfflinePage",
    "Precision",
    "UnsafeElementError",
    "absence_bars",
    "by_time_of_day",
    "co_missing_map",
    "context_map",
    "grid_cells",
    "group_picture",
    "hotspot_map",
    "network_of",
    "peer_drawing",
    "peer_map",
]
