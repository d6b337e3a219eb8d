"""A real Chromium, a running application for it, and pages of it whose every outside request is refused and counted."""

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
import uvicorn
from fake_service import FakeService
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, sync_playwright

from graph_service.web.app import create_app
from graph_service.web.seam import ServiceLike

CHROMIUM = shutil.which("chromium")
PATIENCE_MS = 240_000  # whatever is waited for comes, on a busy machine late; what has not come by then hangs
TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
VIOLATIONS = "document.addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.violatedDirective + ' ' + e.blockedURI))"


@dataclass
class Served:
    """A running application, its address and the service behind it."""

    address: str
    service: ServiceLike


@dataclass
class Watched:
    """A page of the browser, and what it tried that it must not."""

    page: Page
    address: str
    refused: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Open a path of the application, and wait until it is drawn."""
        self.page.goto(self.address + path, wait_until="networkidle")
        return self.page

    def sign_in(self, who: str) -> Page:
        """Sign in through the form, as a person does."""
        self.open("/sign-in")
        self.page.check(f"input[value={who}]")
        self.page.check("#statement")
        self.page.click("main button")
        self.page.wait_for_url(self.address + "/")
        return self.page

    def press(self, what: str) -> Page:
        """Press what leads to another page, and wait until that is there: a form is sent a moment after its button was pressed."""
        with self.page.expect_navigation():
            self.page.click(what)
        return self.page


def drawn(page: Page) -> Page:
    """Wait until what scripts have put off to the next frame (a new width, the places of names) has been drawn."""
    page.evaluate(TWO_FRAMES)
    return page


def serve(service: ServiceLike) -> Iterator[Served]:
    """Serve a service on a port of 127.0.0.1 that is taken here, before the server starts, so that nobody else can have it."""
    server = uvicorn.Server(
        uvicorn.Config(create_app(service), log_level="warning", ws="none", timeout_graceful_shutdown=10)
    )
    with socket.create_server(("127.0.0.1", 0)) as taken:
        thread = threading.Thread(target=server.run, args=([taken],), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server ended before it had started"
            thread.join(0.02)
        yield Served(f"http://127.0.0.1:{taken.getsockname()[1]}", service)
        server.should_exit = True
        thread.join()


def watch(context: BrowserContext, address: str) -> Watched:
    """Give a page whose outside requests are refused and whose complaints are kept."""
    context.set_default_timeout(PATIENCE_MS)
    watched = Watched(context.new_page(), address)

    def guard(route: Route) -> None:
        if urlsplit(route.request.url).hostname in ("127.0.0.1", None):
            route.continue_()
        else:
            watched.refused.append(route.request.url)
            route.abort()

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            watched.complaints.append(message.text)

    context.route("**/*", guard)
    context.add_init_script(VIOLATIONS)
    watched.page.on("console", hear)
    watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    return watched


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium once."""
    if CHROMIUM is None:
        reason = "no chromium on this machine: apt-get install chromium"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
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
def profile(chromium: Browser) -> Iterator[BrowserContext]:
    """Give a browser profile of its own, with nothing kept."""
    made = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    made.set_default_timeout(PATIENCE_MS)
    yield made
    made.close()


@pytest.fixture
def full(profile: BrowserContext, full_city: Served) -> Watched:
    """Give a page on the full city."""
    return watch(profile, full_city.address)
