"""A GIS opens the layers: GDAL's own client of OGC API Features, as QGIS uses it, pages through all of one and asks for a part."""

from collections.abc import Iterator
from contextlib import contextmanager

import geopandas as gpd
import pyogrio
import pytest
from browser_fixtures import serve
from fake_service import FakeService


@contextmanager
def _bearer(token: str | None) -> Iterator[None]:
    """Have GDAL send a token."""
    pyogrio.set_gdal_config_options({"GDAL_HTTP_AUTH": "BEARER" if token else None, "GDAL_HTTP_BEARER": token})
    yield
    pyogrio.set_gdal_config_options({"GDAL_HTTP_AUTH": None, "GDAL_HTTP_BEARER": None})


def test_gdal_reads_a_layer_whole_and_in_part() -> None:
    service = FakeService()
    token = service.sign_in("analyst", None, purpose="analysis", accepted_statement=True)
    for served in serve(service):
        source = f"OAPIF:{served.address}/api/v1/ogc"
        with _bearer(token):
            whole = gpd.read_file(source, layer="missing_from")
            part = gpd.read_file(source, layer="missing_from", bbox=(-1.2, 50.7, -1.065, 50.9))
        assert (len(whole), whole.crs.to_epsg(), len(part)) == (25, 4326, 4)
        with _bearer(None), pytest.raises(pyogrio.errors.DataSourceError):
            gpd.read_file(source, layer="missing_from")
