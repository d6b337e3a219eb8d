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
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CODE = ["graph_service", "ingest", "queries", "maps", "tests", "scripts", "notebooks"]
IN_CI = os.environ.get("CI") == "true"


def main() -> int:
    """Run the legs in order, tell how each ended, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nightly", action="store_true", help="also the long drills")
    nightly = parser.parse_args().nightly
    told: list[str] = []
    failed = False
    browser = _browser(told)
    marks = [] if nightly else ["not nightly"]
    if not browser:
        failed = IN_CI
        marks.append("not browser")
    legs: dict[str, list[Sequence[object]]] = {
        "lint": [[BIN / "ruff", "check", *CODE], [BIN / "ruff", "format", "--check", *CODE]],
        "types": [[BIN / "mypy", "graph_service", "ingest", "queries", "maps", "scripts"]],
        "imports": [[BIN / "lint-imports"]],
        "spelling": [[BIN / "codespell", *CODE, "docs", "README.md"]],
        "tests": [[BIN / "pytest", "-q", "--durations=10", *(["-m", " and ".join(marks)] if marks else [])]],
    }
    for name, commands in legs.items():
        begun = time.monotonic()
        codes = [_run(command) for command in commands]
        failed = failed or any(codes)
        told.append(f"{name}: {'FAILED' if any(codes) else 'passed'} in {time.monotonic() - begun:.0f} s")
    print("\n" + "\n".join(told), flush=True)
    print(
        "\nFAILED" if failed else "\nall legs passed" + ("" if browser else ", but the browser leg was SKIPPED"),
        flush=True,
    )
    return int(failed)


def _run(command: Sequence[object]) -> int:
    words = [str(word) for word in command]
    print("\n$ " + " ".join([Path(words[0]).name, *words[1:]]), flush=True)
    return subprocess.run(words, cwd=ROOT, check=False).returncode


def _browser(told: list[str]) -> bool:
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
        if shutil.which("chromium"):
            return True
    line = "BROWSER TESTS SKIPPED: there is no chromium here; run `sudo apt-get install chromium` and repeat"
    print(f"\n{line}\n", flush=True)
    told.append(line)
    return False


if __name__ == "__main__":
    sys.exit(main())
