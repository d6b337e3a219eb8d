"""
Takes the pictures of `docs/pictures` anew: the demonstration city and the story of one bus stop, as their people see them in a browser.

`python scripts/pictures.py` builds the city in a temporary folder, walks it in Debian's Chromium with every outside request refused, and then runs
the browser test of the bus stop, which takes the others. Everybody in them is invented. A few minutes on two cores.
"""

import datetime as dt
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
STORY = "tests/browser/test_context_scenario_in_browser.py"
# Who looks, at which address, under which name the picture is kept; `{child}` and `{other}` are two planted children.
WALK = (
    ("coordinator", "/", "today"),
    ("analyst", "/groups", "groups"),
    ("analyst", "/co-missing", "co-missing"),
    ("analyst", "/hotspots?layer=found_at&method=density", "density"),
    ("satellite", "/hotspots?layer=found_at", "hotspots"),
    ("satellite", "/people/{child}/peers", "peers"),
    ("intelligence", "/links?a={child}&b={other}", "links"),
    ("analyst", "/questions/peers.groups", "question"),
)
HEIGHT = 1300
QUALITY = 70


def main() -> int:
    """Take every picture, and say where they are."""
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        _city(Path(folder) / "home")
    environment = {**os.environ, "PMET_TEST_PICTURES": str(PICTURES)}
    story = [sys.executable, "-m", "pytest", "-q", STORY]
    code = subprocess.run(story, cwd=ROOT, env=environment, check=False).returncode
    print(f"{len(list(PICTURES.glob('*.jpg')))} pictures in {PICTURES}")
    return code


def _city(home: Path) -> None:
    from browser_fixtures import CHROMIUM, serve, watch
    from playwright.sync_api import sync_playwright

    from graph_service.bootstrap import bootstrap, build_demonstration
    from graph_service.settings import Settings

    service = bootstrap(Settings(home=home), supervised=True, progress=print)
    try:
        build_demonstration(service, "city", print)
        graph = service.graphs.of(service.viewer("intelligence", ""), dt.datetime.now(dt.UTC))
        child, other = (graph.subjects[graph.by_ref[f"demo/child/000{n}"]].uid for n in (1, 2))
        served = next(serve(service))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            for who, address, name in WALK:
                context = browser.new_context(viewport={"width": 1280, "height": HEIGHT}, reduced_motion="reduce")
                watched = watch(context, served.address)
                watched.sign_in(who)
                page = watched.open(address.format(child=child, other=other))
                page.wait_for_timeout(1500)  # a drawing in a frame takes its time
                page.screenshot(path=str(PICTURES / f"{name}.jpg"), type="jpeg", quality=QUALITY)
                if watched.refused:
                    raise SystemExit(f"{name} asked for something from outside; no picture of it is kept")
                print(f"taken: {name}")
                context.close()
            browser.close()
    finally:
        service.close()
        if service.local:
            service.local.stop()


if __name__ == "__main__":
    sys.exit(main())
