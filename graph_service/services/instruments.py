"""
Assessments with the partnership's own instruments: the catalogue, a score, and what was recorded of a person.

A score never decides. What is kept is what the practitioner answered, the score with its reasons as it was then, the judgement with its
reason, the grading that police and children's services agreed, and what follows from it by the rule pack. The judgement, or the agreed grade where
there is one, and never the score, sets what follows. Source: 000 7.2, 7.6-7.8, 13.2-13.4; 001, MET Operational Group.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from graph_service.access import Action, Viewer, require
from graph_service.errors import ConflictError, NotFoundError
from graph_service.pathway import packs
from graph_service.pathway.errors import PathwayDataError
from graph_service.pathway.instruments import Instrument, as_row, instruments, load_forms, read_answers
from graph_service.pathway.scores import score
from graph_service.records.audit import Audit, Event
from graph_service.services import assessment_rows as rows
from graph_service.services.answers.asked import Asked
from graph_service.services.assessment_writing import KIND, AssessmentWriting, instrument_of, pack_of
from graph_service.services.parameters import LONDON
from graph_service.services.visible import VisibleGraphs, locate, may_open
from graph_service.store.bolt import BoltStore
from graph_service.store.work import WorkRow, WorkStore
from queries.analysis.episodes import episodes
from queries.errors import PmetError
from queries.projection import to_instant
from queries.vocabulary import PERSON_KINDS

Found = Callable[[Asked, int], list[dict[str, Any]]]


class Instruments:
    """The instruments, and the assessments made with them."""

    def __init__(self, store: BoltStore, graphs: VisibleGraphs, audit: Audit, forms: Path) -> None:
        self._store, self._graphs, self._audit, self._forms = store, graphs, audit, forms
        self._work = WorkStore(store)
        self._writing = AssessmentWriting(graphs, self._work, lambda: self._held()[0])

    def catalogue(self, viewer: Viewer) -> Sequence[dict[str, Any]]:
        """Give the instruments; where a partnership's own form cannot be used, the caveats say which file and why."""
        require(viewer, Action.READ_CATALOGUE)
        held, fault = self._held()
        found = [as_row(one) for one in held.values()]
        for row in found:
            if fault and row["kind"] == "points":
                row["caveats"] = [*row["caveats"], f"The partnership's own form cannot be used. {fault}."]
        return found

    def score(self, viewer: Viewer, given: Mapping[str, Any]) -> dict[str, Any]:
        """
        Score answers and keep nothing: `instrument`, `answers`, `born`, `at`, `pack`; gives `score` and `follows`.

        What follows is from the score's own band alone, and is to be looked at; once recorded it follows from the judgement.

        Raises
        ------
        ParameterError
            If something given cannot be used. Names the field.
        """
        try:
            require(viewer, Action.RECORD_ASSESSMENT)
            today = dt.datetime.now(LONDON).date()
            asked = instrument_of(given, self._held()[0])
            at = rows.day_of(given, "at", today)
            born = rows.day_of(given, "born", today) if given.get("born") else None
            found = score(asked, read_answers(asked, rows.part_of(given, "answers")), born=born, at=at)
            follows = packs.follows(pack_of(given, asked), found.band, at)
        except PmetError as error:
            self._audit.refused(viewer, Action.RECORD_ASSESSMENT, "instruments.score", error)
            raise
        self._audit.record(
            Event.OPERATION,
            viewer,
            Action.RECORD_ASSESSMENT,
            question="instruments.score",
            version=asked.version,
            returned=1,
        )
        return {"instrument": asked.name, "version": asked.version, "score": found.as_row(), "follows": follows}

    def assessments(self, viewer: Viewer, person: str) -> Sequence[dict[str, Any]]:
        """
        Give what was recorded of a person, latest first: here, and in partners' files.

        Raises
        ------
        NotFoundError
            If the person is not there or may not be seen.
        """

        def found(asked: Asked, at: int) -> list[dict[str, Any]]:
            born, with_text = asked.graph.subjects[at].born, viewer.may(Action.READ_REPORT_TEXT)
            shown = [rows.from_work(row, born, with_text=with_text) for row in self._kept(asked, at, withdrawn=False)]
            shown += self._from_files(asked, at)
            return sorted(shown, key=lambda row: (row["at"], str(row["recorded_at"]), row["uid"]), reverse=True)

        return self._read(viewer, person, "people.assessments", found)

    def withdrawn(self, viewer: Viewer, person: str) -> Sequence[dict[str, Any]]:
        """
        Give the assessments of a person that were recorded here and withdrawn since, latest withdrawn first: that they were, by whom and why.

        What they said is shown as known before. Raises NotFoundError as `assessments` does.
        """

        def found(asked: Asked, at: int) -> list[dict[str, Any]]:
            with_text = viewer.may(Action.READ_REPORT_TEXT)
            shown = [rows.as_withdrawn(row, with_text=with_text) for row in self._kept(asked, at, withdrawn=True)]
            return sorted(shown, key=lambda row: (str(row["withdrawn_at"]), row["uid"]), reverse=True)

        return self._read(viewer, person, "people.assessments withdrawn", found)

    def missing(self, viewer: Viewer, person: str) -> Sequence[dict[str, Any]]:
        """
        Count a person's missing episodes as each rule pack does, on the day that the viewer looks from.

        `{pack, title, episodes, since, category, text, clause}`; `category` is empty where the pack names none. An episode of which the viewer
        may not see that it began is not counted.

        Raises
        ------
        NotFoundError
            If the person is not there or may not be seen.
        """

        def found(asked: Asked, at: int) -> list[dict[str, Any]]:
            began = [
                to_instant(episode.started_at).astimezone(LONDON).date()
                for episode in episodes(asked.graph)
                if episode.child == at
            ]
            today = asked.known_at.astimezone(LONDON).date()
            counts = [(pack, packs.missing(pack, began, today)) for pack in packs.packs().values()]
            return [
                {
                    "pack": pack.name,
                    "title": pack.title,
                    "episodes": counted.episodes,
                    "since": counted.since.isoformat(),
                    "category": counted.category,
                    "text": counted.text,
                    "clause": counted.clause,
                }
                for pack, counted in counts
            ]

        return self._read(viewer, person, "people.missing", found)

    def record(self, viewer: Viewer, person: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """
        Keep an assessment, or correct one: the earlier version is kept, and is what was known until then.

        Parameters
        ----------
        viewer
            Who records it, for their agency.
        person
            The uid of the person.
        given
            `instrument`, `version` (needed: the one that was filled in), `answers`, `judgement {band, reason}` (needed), `grading {police,
            childrens_services, agreed, reason}`, `at` (a day; today), `window` (the day of referral for an instrument with windows), `born` (used
            to score, and not kept), `pack`, `text`, `conditions`; to correct: `replaces` (a uid), `replaces_version` and `why`.
            `command` names what is done: sent again, it is done once.

        Raises
        ------
        ParameterError
            If something given cannot be used. Names the field.
        NotFoundError
            If the person, or the assessment to correct, is not there or may not be seen.
        NotPermittedError
            If the viewer's role may not record, or another agency made the one to correct.
        StaleError
            If the one to correct was corrected meanwhile.
        ConflictError
            If the command was used for something else.
        """
        try:
            decision = require(viewer, Action.RECORD_ASSESSMENT)
            asked, at = self._person(viewer, person)
            subject = asked.graph.subjects[at]
            about = person if person in subject.members else subject.uid
            draft, command = self._writing.draft(viewer, about, list(subject.members), asked.sights, given)
            version = self._writing.append(viewer, draft, command)
        except PmetError as error:
            self._audit.refused(viewer, Action.RECORD_ASSESSMENT, "people.assessments", error)
            raise
        self._audit.record(
            Event.COLLECTION if version == 1 else Event.ALTERATION,
            viewer,
            Action.RECORD_ASSESSMENT,
            question="people.assessments",
            decision=decision,
            subjects=subject.members,
            objects=[draft.thing.partition(":")[2]],
            handling="C",
            returned=1,
        )
        row = self._writing.one(self._graphs.sights(viewer), draft.thing)
        assert row is not None  # noqa: S101  a writer may see what they write: `sight_of`
        if rows.is_withdrawn(row):
            raise ConflictError("what was recorded under this key has been withdrawn since")
        return rows.from_work(row, subject.born, with_text=True)

    def withdraw(self, viewer: Viewer, person: str, uid: str, *, version: int, why: str) -> dict[str, Any]:
        """
        Withdraw an assessment that was recorded here, and give the row of `withdrawn`.

        It is shown, and sets what follows, no more; as known before, it does.

        Raises
        ------
        ParameterError
            If no reason is given, the viewer looks back, or it was withdrawn already.
        NotFoundError
            If the person or the assessment is not there or may not be seen; one that came by a file is withdrawn by its sender.
        NotPermittedError
            If the viewer's role may not record, or another agency recorded it.
        StaleError
            If it was corrected meanwhile.
        """
        try:
            decision = require(viewer, Action.RECORD_ASSESSMENT)
            asked, at = self._person(viewer, person)
            members = asked.graph.subjects[at].members
            draft = self._writing.withdrawal(viewer, members, asked.sights, uid, version, why)
            self._writing.append(viewer, draft, f"{KIND}:withdraw:{uuid.uuid4().hex}")
        except PmetError as error:
            self._audit.refused(viewer, Action.RECORD_ASSESSMENT, "people.assessments withdraw", error)
            raise
        self._audit.record(
            Event.ALTERATION,
            viewer,
            Action.RECORD_ASSESSMENT,
            question="people.assessments withdraw",
            decision=decision,
            subjects=members,
            objects=[uid],
            handling="C",
            returned=1,
        )
        row = self._writing.one(self._graphs.sights(viewer), draft.thing)
        assert row is not None  # noqa: S101  a writer may see what they write: `sight_of`
        return rows.as_withdrawn(row, with_text=True)

    def _read(self, viewer: Viewer, person: str, question: str, found: Found) -> list[dict[str, Any]]:
        """Give what is found of a person whom the viewer may open, and keep on the trail that it was read, or refused."""
        try:
            require(viewer, Action.READ_REPORT)
            asked, at = self._person(viewer, person)
        except PmetError as error:
            self._audit.refused(viewer, Action.READ_REPORT, question, error)
            raise
        shown = found(asked, at)
        self._audit.record(
            Event.CONSULTATION,
            viewer,
            Action.READ_REPORT,
            question=question,
            as_known_at=viewer.known_at,
            subjects=asked.graph.subjects[at].members,
            objects=[row["uid"] for row in shown if "uid" in row],
            returned=len(shown),
        )
        return shown

    def _kept(self, asked: Asked, at: int, *, withdrawn: bool) -> list[WorkRow]:
        kept = self._work.rows(
            about=list(asked.graph.subjects[at].members),
            kinds=[KIND],
            sights=asked.sights,
            known_at=asked.viewer.known_at,
        )
        return [row for row in kept if rows.is_withdrawn(row) is withdrawn]

    def _from_files(self, asked: Asked, at: int) -> list[dict[str, Any]]:
        if not asked.knows_name_of(at):
            # What a mention says of somebody is not shown to audiences under pseudonyms.
            return []
        subject = asked.graph.subjects[at]
        mentions = [row for row in asked.rows("people.mentions", members=list(subject.members)) if row["report_id"]]
        reports = {
            row["uid"]: row
            for row in asked.rows("reports.parts", reports=sorted({m["report_id"] for m in mentions}))
            if row["kind"] == "assessment"
        }
        shown = [
            rows.from_file(mention, reports[mention["report_id"]], subject.born)
            for mention in mentions
            if mention["report_id"] in reports
        ]
        return [row for row in shown if row is not None]

    def _person(self, viewer: Viewer, person: str) -> tuple[Asked, int]:
        known_at = viewer.known_at or dt.datetime.now(dt.UTC)
        graph = self._graphs.of(viewer, known_at)
        sights = self._graphs.padded(self._graphs.sights(viewer))
        asked = Asked(viewer, {}, graph, known_at, sights, self._store, self._graphs)
        at = locate(graph, person)
        if graph.subjects[at].kind not in PERSON_KINDS or not may_open(graph, viewer, at):
            raise NotFoundError
        return asked, at

    def _held(self) -> tuple[dict[str, Instrument], str]:
        try:
            return load_forms(self._forms), ""
        except PathwayDataError as error:
            return instruments(), str(error)
