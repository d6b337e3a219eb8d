"""Every job of `make bench`: each module `bench_NAME.py` beside this one gives its own, and this puts them into one table."""

import importlib
from collections.abc import Callable, Iterable
from pathlib import Path

from measured import Measured, Size, Timing

from graph_service.store.address import Address

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


def jobs_at(address: Address, empty: Callable[[], None], subject: str, size: Size) -> Iterable[Measured]:
    """Measure the jobs of one module; those that need a server on this one, emptied before."""
    measure_at = getattr(importlib.import_module(f"bench_{subject}"), "measure_at", None)
    if measure_at is None:
        yield from jobs_of(subject, size)
    else:
        empty()
        yield from measure_at(address, size)


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
