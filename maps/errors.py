"""
The errors of maps.

::

    PmetError
    └── MapError
        ├── MapDataError        rows that cannot be drawn (also a ValueError)
        └── UnsafeElementError  an element that would fetch, or run what stands in the data
"""

from queries.errors import PmetError


class MapError(PmetError):
    """A map cannot be made."""


class MapDataError(MapError, ValueError):
    """The rows given cannot be drawn. Names the table, the column and the rule, never a value found there."""

    def __init__(self, table: str, rule: str) -> None:
        super().__init__(f"{table}: {rule}")
        self.table, self.rule = table, rule


class UnsafeElementError(MapError):
    """An element or a link is not one of ours, so what it would fetch or run is not known."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} is not vendored, so it could fetch from outside or run HTML from data; "
            "draw with the layers of maps.drawn, or vendor it (maps/vendor/README.md)"
        )
        self.what = what
