"""
One bus stop under three spellings: the reports of three agencies over nine weeks about unrelated children, and what followed.

Everybody is invented. Times are counted from `begin`, the Wednesday on which MET looks at the proposal, so that the same story can be told
at any date.
"""

import datetime as dt
import itertools
import json
from pathlib import Path
from typing import Any, Final

from ingest_memory import HEADERS, write_table

Row = dict[str, str]
WEEK: Final = dt.timedelta(weeks=1)
AREA: Final = [[-1.0905, 50.7985], [-1.0885, 50.7985], [-1.0885, 50.7997], [-1.0905, 50.7997], [-1.0905, 50.7985]]
SPELLINGS: Final = (
    "Exemplar Bridge bus stop",
    "Exemplar Bridgge stop",
    "Bus stop nr Exemplar Bridge",
)
HIDDEN_NAME: Final = "Rex Hiddenby"


def _iso(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class Story:
    """The bundles of the story, one edition after another: `write(folder)` gives the folder of the latest."""

    def __init__(self, begin: dt.datetime) -> None:
        self.begin = begin
        self.reports: list[Row] = []
        self.subjects: list[Row] = []
        self.claims: list[Row] = []
        self._number = itertools.count(1)
        for at, (ref, label) in enumerate(zip(("stop1", "stop2", "stop3"), SPELLINGS, strict=True)):
            self._subject(
                ref,
                "location",
                label,
                subkind="transport",
                latitude=str(50.7990 + at * 0.0001),
                longitude=str(-1.0895 + at * 0.0001),
            )
        for ref, label in (
            ("ana", "Ana Exampleby"),
            ("ben", "Ben Pretendly"),
            ("cal", "Cal Invented"),
            ("dee", "Dee Madeup"),
        ):
            self._subject(ref, "child", label)
        self._subject("adult", "adult", "Adult in a grey van")
        self._subject("hidden", "adult", HIDDEN_NAME)
        self._subject("lamp", "location", "Exemplar Road", subkind="place", latitude="50.8100", longitude="-1.0700")
        self._referrals()
        self._before()
        self._hidden()

    def _referrals(self) -> None:
        told = (
            (
                "return_conversation",
                "social_care",
                "ana",
                "stop1",
                9.0,
                "Ana says that a man in a grey van offers lifts at the stop.",
            ),
            ("cpi", "police", "ben", "stop2", 5.0, "Ben was seen waiting alone at the stop after midnight."),
            ("observation", "education", "cal", "stop3", 0.6, "Cal told a teacher that adults stop there at night."),
        )
        for kind, agency, child, stop, weeks, text in told:
            report = self._report(kind, agency, self.begin - weeks * WEEK, text)
            self._claim(report, child, stop, "SEEN_AT", self.begin - weeks * WEEK - dt.timedelta(days=1))
            if child == "ana":
                self._claim(report, "adult", "ana", "SUSPECTED_OF_EXPLOITING", self.begin - weeks * WEEK)

    def _before(self) -> None:
        """Nine incidents at the stop in the twelve weeks before, and background elsewhere so that what is usual is known."""
        for number in range(9):
            self._incident("stop1", self.begin - dt.timedelta(days=4 + 8 * number), "ben" if number % 3 == 0 else "")
        for number in range(40):
            self._incident("lamp", self.begin - dt.timedelta(days=3 + 5 * number), "")

    def _hidden(self) -> None:
        report = self._report(
            "cpi",
            "police",
            self.begin - 3 * WEEK,
            "Intelligence about an adult at the stop.",
            handling="C",
            conditions="originator",
        )
        self._claim(report, "hidden", "stop1", "SEEN_AT", self.begin - 3 * WEEK)
        self._claim(report, "hidden", "ana", "SUSPECTED_OF_EXPLOITING", self.begin - 3 * WEEK)

    def fourth_report(self, moment: dt.datetime) -> None:
        """Tell of a fourth child, learnt while the team is at work."""
        report = self._report("observation", "youth", moment, "Dee was found by youth workers at the stop.")
        self._claim(report, "dee", "stop1", "SEEN_AT", moment - dt.timedelta(hours=10))

    def after(self, moment: dt.datetime) -> None:
        """Two incidents at the stop in the twelve weeks after the plan began, as known at `moment`."""
        for weeks in (3, 8):
            self._incident("stop1", moment - weeks * WEEK, "")

    def write(self, folder: Path) -> Path:
        """Write the whole story so far as a bundle; the same name each time, so that it comes in as a new edition."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "bundle.json").write_text(
            json.dumps({"name": "stop", "title": "One stop", "source": "invented", "licence": "CC0-1.0"})
        )
        for file, rows in (("subjects.csv", self.subjects), ("reports.csv", self.reports), ("claims.csv", self.claims)):
            write_table(folder / file, HEADERS[file].split(), rows)
        return folder

    def _incident(self, place: str, moment: dt.datetime, child: str) -> None:
        ref = f"incident{next(self._number)}"
        self._subject(ref, "incident", "A call to the police", subkind="call")
        report = self._report("other", "police", moment + dt.timedelta(hours=2), "A call about adults in cars.")
        self._claim(report, ref, place, "AT", moment, role="occurred")
        if child:
            self._claim(report, child, ref, "INVOLVED_IN", moment, role="present")

    def _subject(self, ref: str, kind: str, label: str, **more: Any) -> None:
        self.subjects.append({"ref": ref, "kind": kind, "label": label, **more})

    def _report(
        self, kind: str, agency: str, moment: dt.datetime, text: str, *, handling: str = "P", conditions: str = ""
    ) -> str:
        ref = f"report{next(self._number)}"
        graded = {"source_eval": "1", "info_eval": "B", "scheme": "3x5x2"}
        self.reports.append(
            {
                "report_ref": ref,
                "kind": kind,
                "agency": agency,
                "submitted_at": _iso(moment),
                **graded,
                "handling": handling,
                "conditions": conditions,
                "text": text,
            }
        )
        return ref

    def _claim(self, report: str, a: str, b: str, kind: str, moment: dt.datetime, *, role: str = "") -> None:
        ref = f"claim{next(self._number)}"
        self.claims.append(
            {
                "claim_ref": ref,
                "report_ref": report,
                "from_ref": a,
                "to_ref": b,
                "type": kind,
                "role": role,
                "happened_from": _iso(moment),
            }
        )
