"""Canned assessments at the seam of the pages, scored by the real rules: kept in memory, and refused as the service would."""

# A fake has the parameters of what it stands in for, used or not.
# ruff: noqa: ARG002

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graph_service.access import Action, Viewer
from graph_service.errors import ConflictError, NotFoundError, NotPermittedError, StaleError
from graph_service.pathway import packs
from graph_service.pathway.instruments import as_row, instrument, instruments, read_answers
from graph_service.pathway.scores import score
from graph_service.services import assessment_rows
from graph_service.services.parameters import LONDON
from graph_service.web.seam import Row

FIVE_LOW = ("home_late", "less_contact", "eating", "self_image", "infection")


class FakeInstruments:
    """Instruments and assessments in memory."""

    def __init__(self, person: Callable[[str], Row], *, empty: bool = False) -> None:
        self._person, self.kept, self.commands, self.ended = person, {}, {}, {}  # type: ignore[var-annotated]
        if not empty:
            five = {**dict.fromkeys(FIVE_LOW, "yes"), "learning_disability": "no", "under_13": "no"}
            self._keep(
                "assessment-1", "child-0", "social_care", "Sal Demonstration",
                {"instrument": "lewisham-cse", "version": "2015.1", "at": "2026-11-10", "answers": five,
                 "judgement": {"band": "medium", "reason": "She is putting herself at risk, the form was told. <b>Not so.</b>"},
                 "grading": {"police": "low", "childrens_services": "medium", "agreed": "medium", "reason": "The newer report."},
                 "text": "Came with her form tutor."}, 1,
            )  # fmt: skip

    def catalogue(self, viewer: Viewer) -> Sequence[Row]:
        return [as_row(one) for one in instruments().values()]

    def assessments(self, viewer: Viewer, person: str) -> Sequence[Row]:
        if not viewer.may(Action.READ_REPORT):
            raise NotPermittedError
        self._person(person)
        return [row for about, row in self.kept.values() if about == person and row["uid"] not in self.ended][::-1]

    def withdrawn(self, viewer: Viewer, person: str) -> Sequence[Row]:
        self._person(person)
        return [row for row in self.ended.values() if self.kept[row["uid"]][0] == person]

    def withdraw(self, viewer: Viewer, person: str, uid: str, *, version: int, why: str) -> Row:
        if not viewer.may(Action.RECORD_ASSESSMENT):
            raise NotPermittedError
        row = next((row for row in self.assessments(viewer, person) if row["uid"] == uid), None)
        if row is None:
            raise NotFoundError
        if row["agency"] != viewer.agency:
            raise NotPermittedError
        if version != row["correction"]:
            raise StaleError(row)
        told = {name: row[name] for name in ("uid", "instrument", "title", "version", "at", "by", "agency", "handling")}
        ended = {"withdrawn_at": "2026-11-19T09:00:00Z", "why": why, "correction": version + 1}
        row = self.ended[uid] = {**told, **ended}
        return row

    def missing(self, viewer: Viewer, person: str) -> Sequence[Row]:
        self._person(person)
        counted = packs.missing(
            packs.pack("portsmouth"), [dt.date(2026, 10, 30), dt.date(2026, 11, 14)], dt.date(2026, 11, 18)
        )
        return [
            {
                "pack": "portsmouth", "title": "Portsmouth", "episodes": counted.episodes, "since": counted.since.isoformat(),
                "category": counted.category, "text": counted.text, "clause": counted.clause,
            }
        ]  # fmt: skip

    def score(self, viewer: Viewer, given: Mapping[str, Any]) -> Row:
        asked = instrument(given["instrument"])
        today = dt.datetime.now(LONDON).date()
        at = assessment_rows.day_of(given, "at", today)
        born = assessment_rows.day_of(given, "born", today) if given.get("born") else None
        found = score(asked, read_answers(asked, given["answers"]), born=born, at=at)
        return {"score": found.as_row(), "follows": packs.follows(packs.pack(asked.pack), found.band, at)}

    def record(self, viewer: Viewer, person: str, given: Mapping[str, Any]) -> Row:
        if not viewer.may(Action.RECORD_ASSESSMENT):
            raise NotPermittedError
        self._person(person)
        assessment_rows.sight_of(given, viewer.agency, viewer.held)
        key = given.get("command")
        if key in self.commands:
            uid, before = self.commands[key]
            if before != given:
                raise ConflictError
            return self.kept[uid][1]  # type: ignore[no-any-return]
        uid, correction = f"assessment-{len(self.kept) + 2}", 1
        if given.get("replaces"):
            uid = given["replaces"]
            if uid not in self.kept:
                raise NotFoundError
            correction = self.kept[uid][1]["correction"] + 1
            if given["replaces_version"] != correction - 1:
                raise StaleError(self.kept[uid][1])
        row = self._keep(uid, person, viewer.agency, viewer.name, given, correction)
        if key:
            self.commands[key] = (uid, dict(given))
        return row

    def _keep(self, uid: str, person: str, agency: str, by: str, given: Mapping[str, Any], correction: int) -> Row:
        asked = instrument(given["instrument"])
        at = assessment_rows.day_of(given, "at", dt.date(2026, 12, 31))
        answers = read_answers(asked, given["answers"])
        # Whoever is canned here holds all that it is kept with.
        conditions = sorted(given.get("conditions", ()))
        judgement, grading = assessment_rows.judgement_of(given, asked), assessment_rows.grading_of(given, asked)
        row = {
            "uid": uid, "instrument": asked.name, "title": asked.title, "version": asked.version, "by": by, "agency": agency,
            "at": at.isoformat(), "recorded_at": "2026-11-18T09:00:00Z", "correction": correction, "why": given.get("why", ""),
            "answers": answers, "answered": assessment_rows.answered(asked, answers),
            "score": score(asked, answers, at=at).as_row(), "judgement": {**judgement, "by": by}, "grading": grading,
            "follows": packs.follows(packs.pack(asked.pack), grading["agreed"] or judgement["band"], at), "pack": asked.pack,
            "windows": packs.windows(asked.windows, at), "text": given.get("text", ""), "age": 15, "handling": "C", "conditions": conditions,
            "source": "recorded here", "report": None,
        }  # fmt: skip
        self.kept[uid] = (person, row)
        return row
