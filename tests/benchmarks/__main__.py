"""
Measures, and writes docs/benchmarks.md: `make bench`. Every figure stands beside another of the same run, as a ratio.

`--small` takes the sizes that CI runs and writes nothing; `--only NAME` measures, and writes anew, only what has NAME in its name.
"""

import argparse
import datetime as dt
import os
from pathlib import Path

from jobs import HEADER, jobs_of, row, subjects

DOCS = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
HEADING = """# Benchmarks

Written by `make bench`. Each row is one job: ours, the best peer and the naive way, measured in one run, each in a process of its own. Seconds depend on
the machine and what else it does; the ratios do not much. A ratio below 1 is in our favour. A goal that is missed says so, and why."""


def main() -> None:
    """Measure every job, print its row as soon as it is there, and keep the table of each subject when it is whole."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--small", action="store_true", help="the sizes that CI runs; docs/benchmarks.md stays as it is"
    )
    parser.add_argument("--only", default="", help="only what has this in its name")
    asked = parser.parse_args()
    for subject in subjects(asked.only):
        print(f"\n## {subject}\n\n" + "\n".join(HEADER), flush=True)
        rows = []
        for found in jobs_of(subject, "small" if asked.small else "full"):
            rows.append(row(found))
            print(rows[-1], flush=True)
        if not asked.small:
            _keep(subject, rows)


def _keep(subject: str, rows: list[str]) -> None:
    """Put the table of a subject in the place of its older one."""
    measured = f"Measured {dt.datetime.now(dt.UTC):%Y-%m-%d} on {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end."
    parts = DOCS.read_text(encoding="utf-8").split("\n## ")[1:] if DOCS.is_file() else []
    kept = {part.split("\n", 1)[0]: part.split("\n", 1)[1].strip() for part in parts}
    kept[subject.replace("_", " ")] = "\n\n".join([measured, "\n".join([*HEADER, *rows])])
    sections = [f"## {name}\n\n{kept[name]}" for name in (s.replace("_", " ") for s in subjects()) if name in kept]
    DOCS.write_text("\n\n".join([HEADING, *sections]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
