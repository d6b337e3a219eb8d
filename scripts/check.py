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
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CODE = ["graph_service", "ingest", "queries", "maps", "tests", "scripts", "notebooks"]
PROPERTY = "tests/property"
IN_CI = os.environ.get("CI") == "true"


def main() -> int:
    """Run the legs in order, tell how each ended, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nightly", action="store_true", help="also the long drills")
    nightly = parser.parse_args().nightly
    told: list[str] = []
    failed = False
    browser = _browser(told)
    if not browser:
        failed = IN_CI
    pytest = [BIN / "pytest", "-q", "--durations=15", "-m"]
    also = "" if nightly else " and not nightly"
    # Two lanes beside each other, each with a store of its own: in the browser most of the time is waiting, so the property tests come after it.
    others: Sequence[object] = [*pytest, f"not browser{also}", "--ignore", PROPERTY]
    properties: Sequence[object] = [*pytest, f"not browser{also}", PROPERTY]
    lanes = [[others], [[*pytest, f"browser{also}"], properties] if browser else [properties]]
    legs: dict[str, list[Sequence[object]]] = {
        "lint": [[BIN / "ruff", "check", *CODE], [BIN / "ruff", "format", "--check", *CODE]],
        "types": [[BIN / "mypy", "graph_service", "ingest", "queries", "maps", "scripts"]],
        "imports": [[BIN / "lint-imports"]],
        "spelling": [[BIN / "codespell", *CODE, "docs", "README.md"]],
    }
    for name, commands in legs.items():
        begun = time.monotonic()
        codes = [_run(command) for command in commands]
        failed = failed or any(codes)
        told.append(f"{name}: {'FAILED' if any(codes) else 'passed'} in {time.monotonic() - begun:.0f} s")
    begun = time.monotonic()
    codes = _run_beside(lanes)
    failed = failed or any(codes)
    told.append(f"tests: {'FAILED' if any(codes) else 'passed'} in {time.monotonic() - begun:.0f} s")
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


def _run_beside(lanes: Sequence[Sequence[Sequence[object]]]) -> list[int]:
    """Run lanes of commands beside each other: the first one's output comes as it is made, that of the others when they have ended."""
    with ThreadPoolExecutor(len(lanes)) as pool:
        others = [pool.submit(lambda lane: [_run_held(command) for command in lane], lane) for lane in lanes[1:]]
        codes = [_run(command) for command in lanes[0]]
        for other in others:
            for code, output in other.result():
                codes.append(code)
                print(output, flush=True)
    return codes


def _run_held(command: Sequence[object]) -> tuple[int, str]:
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
    return done.returncode, "\n$ " + " ".join([Path(words[0]).name, *words[1:]]) + "\n" + done.stdout


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
