"""
Measures, and writes docs/benchmarks.md: `make bench`. Every figure stands beside another of the same run, as a ratio.

`--small` takes the sizes that CI runs and writes nothing; `--only NAME` takes the modules whose name has NAME in it.
"""

import argparse
import datetime as dt
import os
from pathlib import Path

from jobs import HEADER, every_job, row

DOCS = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
HEADING = """# Benchmarks

Written by `make bench`. Each row is one job: ours, the best peer and the naive way, measured in one run, each in a process of its own. Seconds depend on
the machine and what else it does; the ratios do not much. A ratio below 1 is in our favour. A goal that is missed says so, and why."""


def main() -> None:
    """Measure every job, print its row as soon as it is there, and keep the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--small", action="store_true", help="the sizes that CI runs; docs/benchmarks.md stays as it is"
    )
    parser.add_argument(
        "--only", default="", help="only modules whose name has this in it; docs/benchmarks.md stays as it is"
    )
    asked = parser.parse_args()
    rows = []
    print("\n".join(HEADER), flush=True)
    for found in every_job("small" if asked.small else "full", asked.only):
        rows.append(row(found))
        print(rows[-1], flush=True)
    if asked.small or asked.only:
        return
    measured = f"Measured {dt.datetime.now(dt.UTC):%Y-%m-%d} on {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end."
    DOCS.write_text("\n\n".join([HEADING, measured, "\n".join([*HEADER, *rows])]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
