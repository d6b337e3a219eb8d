"""
The demonstration city: real Portsmouth geography, plainly invented people, calibrated to published figures, with the truth of what was planted.

    >>> city = build("city", end=dt.date(2026, 11, 22))
    >>> for batch in city.batches():
    ...     writer.write(batch)

The same size, seed and end give the same records. Nobody in it exists.
"""

import csv
import datetime as dt
import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from ingest.synthetic.assessments import Listed, assessment_reports, draw_list
from ingest.synthetic.clock import Year
from ingest.synthetic.drafts import Draft, batches_of
from ingest.synthetic.figures import DAYS, Size
from ingest.synthetic.missing_reports import episode_reports
from ingest.synthetic.plan import Plan, draw_plan
from ingest.synthetic.planted import planted_reports
from ingest.synthetic.standing import standing_reports
from ingest.synthetic.truth import tell_truth
from ingest.synthetic.weekly import weekly_reports
from queries.records import Batch, Json

__all__ = ["City", "build", "end_of"]

SEED: Final = 2026


class City:
    """A city of invented people, and the records that agencies would have sent of a year in it."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    @property
    def end(self) -> dt.date:
        """The last day (London) of which anything is known."""
        return self._plan.year.end

    @cached_property
    def truth(self) -> dict[str, Json]:
        """What is true of the city: figures and what was planted, by source keys. See `ingest.synthetic.truth`."""
        return tell_truth(self._plan, self._listed)

    def batches(self) -> Iterator[Batch]:
        """Give the records in batches, the same each time: who there is, then the year, a week at a time."""
        yield from batches_of(self._drafts())

    def write_truth(self, path: Path) -> None:
        """Write `truth` to a JSON file."""
        path.write_text(json.dumps(self.truth, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    def write_homes(self, path: Path) -> None:
        """Write the partnership's own list of its invented children's homes and placements, as `PMET_HOMES_FILE` takes it."""
        places = sorted({child.home.key: child.home for child in self._plan.people.children if child.placed}.items())
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(("place", "name"))
            rows.writerows((key, home.label) for key, home in places)

    @cached_property
    def _listed(self) -> Listed:
        return draw_list(self._plan)

    def _drafts(self) -> Iterator[Draft]:
        yield from standing_reports(self._plan)
        spells, at = self._plan.pattern.spells, 0
        for week in range(DAYS // 7):
            while at < len(spells) and spells[at].start < (week + 1) * 7:
                yield from episode_reports(self._plan, at, spells[at])
                at += 1
            yield from weekly_reports(self._plan, week)
        yield from assessment_reports(self._plan, self._listed)
        yield from planted_reports(self._plan)


def build(size: Size = "city", *, seed: int = SEED, end: dt.date | None = None, planted: bool = True) -> City:
    """
    Build a city of a size: 1,577 missing episodes a year in `city`, 10,000 in `force`, 100,000 in `london`.

    Parameters
    ----------
    size
        By episodes a year.
    seed
        Other numbers give other cities of the same figures.
    end
        The last day, in London; yesterday where none is given, so that who is missing now is missing now.
    planted
        Without it nothing is planted: whatever an analysis finds is chance.

    Notes
    -----
    Seconds for the city. Records are written as they are asked for, so a large city needs little memory.
    """
    if end is None:
        end = dt.datetime.now(ZoneInfo("Europe/London")).date() - dt.timedelta(days=1)
    return City(draw_plan(size, seed, Year(end), planted=planted))


def end_of(text: str) -> dt.date:
    """Read back `City.end` from its ISO 8601 text."""
    return dt.date.fromisoformat(text)
