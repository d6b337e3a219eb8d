"""
Every check of the project, leg by leg: `make test`, and with `--nightly` the long ones too.

A leg that cannot run on this machine says so in one loud line and again at the end; with `CI=true` it fails instead.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
BIN: Final = Path(sys.executable).parent
CODE: Final = ["graph_service", "ingest", "queries", "maps", "tests", "scripts", "notebooks"]
IN_CI: Final = os.environ.get("CI") == "true"
AT_ONCE: Final = 2
BROWSER: Final = "tests/browser"
NO_BROWSER: Final = "SKIPPED: there is no chromium here; run `sudo apt-get install chromium` and repeat"
Command = Sequence[object]

# What is no test.
LEGS: Final[dict[str, list[Command]]] = {
    "types": [[BIN / "mypy", "graph_service", "ingest", "queries", "maps", "scripts"]],
    "lint": [[BIN / "ruff", "check", *CODE], [BIN / "ruff", "format", "--check", *CODE]],
    "imports": [[BIN / "lint-imports"]],
    "spelling": [[BIN / "codespell", *CODE, "docs", "README.md"]],
}
# Two legs run beside each other, each with a store of its own, and whichever has ended makes room for the next: the longest go first, so that
# both sides end at about the same time. A folder of tests is a leg; those that are not named here go after these.
LONGEST: Final = (
    "tests/browser",
    "tests/spec",
    "tests/published",
    "tests/drills",
    "tests/web",
    "tests/unit",
    "tests/property",
)


@dataclass(frozen=True)
class Ended:
    """How a leg ended, and what it wrote."""

    leg: str
    how: str
    seconds: float
    wrote: str = ""


def main() -> int:
    """Run the legs, tell how each ended, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nightly", action="store_true", help="also the long tests, and on examples drawn anew")
    legs = _tests(nightly=parser.parse_args().nightly) | LEGS
    ended: list[Ended] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            for one in as_completed([pool.submit(_run, leg, commands) for leg, commands in legs.items()]):
                ended.append(one.result())
                print(ended[-1].wrote + _line(ended[-1]) + "\n", flush=True)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    print("\n".join(_line(one) for one in ended), flush=True)
    skipped = any(one.how == NO_BROWSER for one in ended)
    failed = any(one.how == "FAILED" for one in ended) or (IN_CI and skipped)
    print("\nFAILED" if failed else "\nall legs passed" + (", but the browser leg was SKIPPED" if skipped else ""))
    return int(failed)


def _tests(*, nightly: bool) -> dict[str, list[Command]]:
    """Give a leg for each folder that has tests, the longest first."""
    folders = {path.parent.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py")}
    ordered = [*LONGEST, *sorted(folders - {*LONGEST})]
    which = ["--hypothesis-profile=nightly"] if nightly else ["-m", "not nightly"]
    return {leg: [[BIN / "pytest", "-q", "--durations=15", *which, leg]] for leg in ordered}


def _line(one: Ended) -> str:
    return f"{one.leg}: {one.how}" + (f" in {one.seconds:.0f} s" if one.seconds else "")


def _run(leg: str, commands: Sequence[Command]) -> Ended:
    """Run the commands of a leg, and hold what they write until it has ended: another runs beside it."""
    print(f"{leg}: begun", flush=True)
    begun = time.monotonic()
    if leg == BROWSER and not _chromium():
        print(f"\n{leg} {NO_BROWSER}\n", flush=True)
        return Ended(leg, NO_BROWSER, 0)
    wrote, codes = "", []
    for command in commands:
        words = [str(word) for word in command]
        done = subprocess.run(
            words,
            cwd=ROOT,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        wrote += "\n$ " + " ".join([Path(words[0]).name, *words[1:]]) + "\n" + done.stdout
        codes.append(done.returncode)
    return Ended(leg, "FAILED" if any(codes) else "passed", time.monotonic() - begun, wrote)


def _chromium() -> bool:
    """Say whether Debian's Chromium is here, and put it here when root may."""
    if shutil.which("chromium"):
        return True
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("installing chromium", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "chromium", "fonts-liberation"],
        ):
            subprocess.run(command, env=environment, check=False, stdout=subprocess.DEVNULL)
    return shutil.which("chromium") is not None


if __name__ == "__main__":
    sys.exit(main())
