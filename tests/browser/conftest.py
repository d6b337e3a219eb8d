"""A real Chromium over the application with a canned service."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_service import FakeService
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from watching import Served, Watched, serve, watch

CHROMIUM = shutil.which("chromium")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the browser's tests."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium once."""
    if CHROMIUM is None:
        pytest.skip("no chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def full_city() -> Iterator[Served]:
    """Serve a city in which much was reported."""
    yield from serve(FakeService())


@pytest.fixture(scope="session")
def empty_city() -> Iterator[Served]:
    """Serve a city in which nothing was reported yet."""
    yield from serve(FakeService(empty=True))


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """Give a browser profile of its own, with nothing kept."""
    made = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield made
    made.close()


@pytest.fixture
def full(context: BrowserContext, full_city: Served) -> Watched:
    """Give a page on the full city."""
    return watch(context, full_city.address)


@pytest.fixture
def nearly_empty(context: BrowserContext, empty_city: Served) -> Watched:
    """Give a page on the empty city."""
    return watch(context, empty_city.address)
