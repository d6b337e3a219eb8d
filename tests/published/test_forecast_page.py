"""The page of the January forecast is what its script writes today."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.nightly
def test_the_page_is_what_the_script_writes() -> None:
    written = runpy.run_path(str(ROOT / "scripts" / "forecast.py"))["page"]()
    assert written == (ROOT / "docs" / "forecast.md").read_text(encoding="utf-8")
