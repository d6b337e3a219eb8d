"""A GIS opens the layers: GDAL's own client of OGC API Features, as QGIS uses it, pages through all of one and asks for a part."""

import json
import os
import subprocess
import sys

from browser_fixtures import serve
from fake_service import FakeService

# A process of its own: GDAL holds the interpreter while it waits, and the server that should answer is a thread of this one.
CLIENT = """
import json, sys, geopandas as gpd
source = sys.argv[1]
whole = gpd.read_file(source, layer="missing_from")
part = gpd.read_file(source, layer="missing_from", bbox=(-1.2, 50.7, -1.065, 50.9))
print(json.dumps([len(whole), whole.crs.to_epsg(), len(part)]))
"""


def _read(address: str, token: str) -> subprocess.CompletedProcess[str]:
    settings = {"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": token, "GDAL_HTTP_TIMEOUT": "300"}
    command = [sys.executable, "-c", CLIENT, f"OAPIF:{address}/api/v1/ogc"]
    return subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, timeout=600, check=False)


def test_gdal_reads_a_layer_whole_and_in_part() -> None:
    service = FakeService()
    token = service.sign_in("analyst", None, purpose="analysis", accepted_statement=True)
    for served in serve(service):
        allowed, refused = _read(served.address, token), _read(served.address, "wrong")
        assert json.loads(allowed.stdout) == [25, 4326, 4], allowed.stderr
        assert refused.returncode != 0
        assert "401" in refused.stderr
