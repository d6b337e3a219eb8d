"""Every job of `make bench`: each module `bench_NAME.py` beside this one gives its own, and this puts them into one table."""

import importlib
from collections.abc import Iterable
from pathlib import Path

from measured import Measured, Size, Timing

HEADER = (
    "| job | size | ours | seconds | peak MB | best peer | ours : peer | naive way | ours : naive | agreement | goal | met |",
    "|---|---|---|---|---|---|---|---|---|---|---|---|",
)


def subjects(only: str = "") -> list[str]:
    """Give what is measured (or what of it has `only` in its name), in order: a module each."""
    names = sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))
    return [name for name in names if only in name]


def jobs_of(subject: str, size: Size) -> Iterable[Measured]:
    """Measure the jobs of one module, one after another."""
    yield from importlib.import_module(f"bench_{subject}").measure(size)


def row(found: Measured) -> str:
    """Write one job as a row of the table."""
    met = {True: "yes", False: "**no**", None: ""}[found.met]
    cells = [
        found.job,
        found.size,
        found.ours,
        f"{found.ours_timing.seconds:.3g}",
        f"{found.ours_timing.peak_mb:.0f}",
        found.peer,
        _ratio(found.ours_timing, found.peer_timing),
        found.naive,
        _ratio(found.ours_timing, found.naive_timing),
        found.agrees,
        found.goal,
        f"{met} {found.note}".strip(),
    ]
    return "| " + " | ".join(cell or "–" for cell in cells) + " |"


def _ratio(ours: Timing, other: Timing | None) -> str:
    return f"{ours.seconds / other.seconds:.2g}" if other else ""
