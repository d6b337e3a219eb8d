"""
Assessments with the partnership's own instruments: the catalogue, a score, and what was recorded of a person.

A score never decides. What is kept is what the practitioner answered, the score with its reasons as it was then, the judgement with its
reason, the grading that police and children's services agreed, and what follows from it by the rule pack. The judgement, or the agreed grade where
there is one, and never the score, sets what follows. Source: 000 7.2, 7.6-7.8, 13.2-13.4; 001, MET Operational Group.
"""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from graph_service.access import Action, Viewer, require
from graph_service.errors import ConflictError, KeyUsedError, NotFoundError, NotPermittedError, StaleError
from graph_service.pathway import packs
from graph_service.pathway.errors import PathwayDataError
from graph_service.pathway.instruments import Instrument, as_row, instrument, instruments, load_forms, read_answers
from graph_service.pathway.scores import score
from graph_service.records.audit import Audit, Event
from graph_service.services import assessment_rows as rows
from graph_service.services.answers.asked import Asked
from graph_service.services.parameters import LONDON
from graph_service.services.visible import VisibleGraphs, locate, may_open
from graph_service.store.bolt import BoltStore
from graph_service.store.work import Draft, WorkRow, WorkStore
from queries.analysis.episodes import episodes
from queries.errors import ParameterError, PmetError
from queries.projection import to_instant
from queries.vocabulary import PERSON_KINDS

KIND: Final = "person_assessment"
_FIELDS: Final = frozenset(
    {
        "instrument", "version", "answers", "judgement", "grading", "window", "at", "born", "pack", "text", "conditions", "replaces",
        "replaces_version", "why", "command",
    }
)  # fmt: skip


class Instruments:
    """The instruments, and the assessments made with them."""

    def __init__(self, store: BoltStore, graphs: VisibleGraphs, audit: Audit, forms: Path) -> None:
        self._store, self._graphs, self._audit, self._forms = store, graphs, audit, forms
        self._work = WorkStore(store)

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
            asked = self._instrument(given)
            at = rows.day_of(given, "at", today)
            born = rows.day_of(given, "born", today) if given.get("born") else None
            found = score(asked, read_answers(asked, rows.part_of(given, "answers")), born=born, at=at)
            follows = packs.follows(self._pack(given, asked), found.band, at)
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
        try:
            require(viewer, Action.READ_REPORT)
            asked, at = self._person(viewer, person)
        except PmetError as error:
            self._audit.refused(viewer, Action.READ_REPORT, "people.assessments", error)
            raise
        subject, with_text = asked.graph.subjects[at], viewer.may(Action.READ_REPORT_TEXT)
        kept = self._work.rows(about=list(subject.members), kinds=[KIND], sights=asked.sights, known_at=viewer.known_at)
        found = [rows.from_work(row, subject.born, with_text=with_text) for row in kept if not rows.is_withdrawn(row)]
        found += self._from_files(asked, at)
        found.sort(key=lambda row: (row["at"], str(row["recorded_at"]), row["uid"]), reverse=True)
        self._audit.record(
            Event.CONSULTATION,
            viewer,
            Action.READ_REPORT,
            question="people.assessments",
            as_known_at=viewer.known_at,
            subjects=subject.members,
            objects=[row["uid"] for row in found],
            returned=len(found),
        )
        return found

    def withdrawn(self, viewer: Viewer, person: str) -> Sequence[dict[str, Any]]:
        """
        Give the assessments of a person that were recorded here and withdrawn since, latest withdrawn first: that they were, by whom and why.

        What they said is shown as known before. Raises NotFoundError as `assessments` does.
        """
        try:
            require(viewer, Action.READ_REPORT)
            asked, at = self._person(viewer, person)
        except PmetError as error:
            self._audit.refused(viewer, Action.READ_REPORT, "people.assessments withdrawn", error)
            raise
        members, with_text = asked.graph.subjects[at].members, viewer.may(Action.READ_REPORT_TEXT)
        kept = self._work.rows(about=list(members), kinds=[KIND], sights=asked.sights, known_at=viewer.known_at)
        found = [rows.as_withdrawn(row, with_text=with_text) for row in kept if rows.is_withdrawn(row)]
        found.sort(key=lambda row: (str(row["withdrawn_at"]), row["uid"]), reverse=True)
        self._audit.record(
            Event.CONSULTATION,
            viewer,
            Action.READ_REPORT,
            question="people.assessments withdrawn",
            as_known_at=viewer.known_at,
            subjects=members,
            objects=[row["uid"] for row in found],
            returned=len(found),
        )
        return found

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
        try:
            require(viewer, Action.READ_REPORT)
            asked, at = self._person(viewer, person)
        except PmetError as error:
            self._audit.refused(viewer, Action.READ_REPORT, "people.missing", error)
            raise
        began = [
            to_instant(episode.started_at).astimezone(LONDON).date()
            for episode in episodes(asked.graph)
            if episode.child == at
        ]
        today = asked.known_at.astimezone(LONDON).date()
        found = []
        for pack in packs.packs().values():
            counted = packs.missing(pack, began, today)
            found.append(
                {
                    "pack": pack.name,
                    "title": pack.title,
                    "episodes": counted.episodes,
                    "since": counted.since.isoformat(),
                    "category": counted.category,
                    "text": counted.text,
                    "clause": counted.clause,
                }
            )
        members = asked.graph.subjects[at].members
        self._audit.record(
            Event.CONSULTATION,
            viewer,
            Action.READ_REPORT,
            question="people.missing",
            as_known_at=viewer.known_at,
            subjects=members,
            returned=len(found),
        )
        return found

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
            draft, command = self._draft(viewer, about, list(subject.members), asked.sights, given)
            version = self._append(viewer, draft, command)
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
        row = self._one(self._graphs.sights(viewer), draft.thing)
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
            if viewer.known_at is not None:
                raise ParameterError("as_known_at", "set the page back to now before you withdraw something")
            before = self._own(viewer, f"assessment:{uid}", members, asked.sights, "withdraw")
            reason = rows.text_of(
                {"why": why}, "why", "why", needed="say why it is withdrawn; the record of it is kept"
            )
            draft = Draft(
                before.thing, KIND, before.about, self._graphs.formula(before.sight), rows.withdrawal(before), viewer.account,
                viewer.agency, reason, version, before.happened_from, before.happened_to, "within", "C", "assessment",
            )  # fmt: skip
            self._append(viewer, draft, f"{KIND}:withdraw:{uuid.uuid4().hex}")
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
        row = self._one(self._graphs.sights(viewer), before.thing)
        assert row is not None  # noqa: S101  a writer may see what they write: `sight_of`
        return rows.as_withdrawn(row, with_text=True)

    def _own(self, viewer: Viewer, thing: str, members: Sequence[str], sights: Sequence[int], what: str) -> WorkRow:
        """Give an assessment of a person that stands and that this viewer's agency recorded here."""
        before = self._one(sights, thing)
        if before is None or before.about not in members:
            raise NotFoundError
        if before.agency != viewer.agency:
            raise NotPermittedError(
                f"only the agency that recorded this can {what} it; record another beside it instead"
            )
        if rows.is_withdrawn(before):
            raise ParameterError("replaces", "this was withdrawn; record another instead")
        return before

    def _draft(
        self, viewer: Viewer, about: str, members: list[str], sights: Sequence[int], given: Mapping[str, Any]
    ) -> tuple[Draft, str]:
        if viewer.known_at is not None:
            raise ParameterError("as_known_at", "set the page back to now before you record something")
        if given.keys() - _FIELDS:
            raise ParameterError("assessment", f"give only {', '.join(sorted(_FIELDS))}")
        today = dt.datetime.now(LONDON).date()
        asked = self._instrument(given)
        if given.get("version") != asked.version:
            raise ParameterError("version", f"the version in force is {asked.version}; fill that one in")
        at = rows.day_of(given, "at", today)
        referred = rows.day_of({"window": given.get("window") or at}, "window", today)
        born = rows.day_of(given, "born", today) if given.get("born") else None
        answers = read_answers(asked, rows.part_of(given, "answers"))
        judgement, grading = rows.judgement_of(given, asked), rows.grading_of(given, asked)
        pack = self._pack(given, asked)
        sight, conditions = rows.sight_of(given, viewer.agency, viewer.held)
        content: dict[str, Any] = {
            "instrument": asked.name,
            "title": asked.title,
            "version": asked.version,
            "at": at.isoformat(),
            "by": viewer.name,
            "answers": dict(answers),
            "answered": rows.answered(asked, answers),
            "score": score(asked, answers, born=born, at=at).as_row(),
            "judgement": judgement,
            "grading": grading,
            "pack": f"{pack.name} {pack.version}",
            "follows": packs.follows(pack, grading["agreed"] or judgement["band"], at),
            "windows": packs.windows(asked.windows, referred),
            "conditions": list(conditions),
            "text": rows.text_of(given, "text", "text", most=20_000),
        }
        command, thing = self._names(viewer, about, given)
        start, end = rows.bounds(at)
        draft = Draft(
            thing, KIND, about, sight, content, viewer.account, viewer.agency, "", 0, start, end, "within", "C", "assessment"
        )  # fmt: skip
        if given.get("replaces"):
            draft = self._correction(viewer, draft, members, sights, given)
        return draft, command

    def _correction(
        self, viewer: Viewer, draft: Draft, members: list[str], sights: Sequence[int], given: Mapping[str, Any]
    ) -> Draft:
        thing = f"assessment:{given['replaces']}"
        before = self._own(viewer, thing, members, sights, "correct")
        version = given.get("replaces_version")
        if not isinstance(version, int) or isinstance(version, bool):
            raise ParameterError("replaces_version", "give the number of the version that you read")
        why = rows.text_of(given, "why", "why", needed="say why it is corrected; the earlier version is kept")
        if draft.sight.sid != before.sight:
            raise ParameterError("conditions", "a correction keeps the conditions of what it corrects")
        return replace(draft, thing=thing, about=before.about, reason=why, expected_version=version)

    def _append(self, viewer: Viewer, draft: Draft, command: str) -> int:
        try:
            versions = self._work.append([draft], command_id=command)
        except StaleError:
            # Sent again under its own command it gives what it gave, so this is somebody else's change.
            current = self._one(self._graphs.sights(viewer), draft.thing)
            if current is None or draft.expected_version == 0:
                raise ConflictError from None
            if rows.is_withdrawn(current):
                raise ConflictError("this was withdrawn meanwhile") from None
            raise StaleError(rows.from_work(current, None, with_text=True)) from None
        version = versions.get(draft.thing, 0)
        if version != (draft.expected_version or 0) + 1:
            raise KeyUsedError("this key was used for another assessment; use a new one")
        kept = self._one(self._graphs.sights(viewer), draft.thing)
        if kept is not None and kept.version == version and kept.content != draft.content:
            raise KeyUsedError("this key was used for another assessment; use a new one")
        return version

    def _names(self, viewer: Viewer, about: str, given: Mapping[str, Any]) -> tuple[str, str]:
        """Give the command, and the thing that it begins: both follow from who sends it and the key that it is sent under."""
        key = given.get("command")
        if key is not None and (not isinstance(key, str) or not 0 < len(key) <= 200):
            raise ParameterError("command", "use a key of at most 200 characters")
        named = json.dumps([viewer.account, about, key or uuid.uuid4().hex])
        digest = hashlib.sha256(named.encode()).digest()
        return f"{KIND}:{digest.hex()}", f"assessment:{uuid.UUID(bytes=digest[:16], version=4)}"

    def _one(self, sights: Sequence[int] | frozenset[int], thing: str) -> WorkRow | None:
        found = self._work.rows(things=[thing], kinds=[KIND], sights=list(sights))
        return found[0] if found else None

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

    def _instrument(self, given: Mapping[str, Any]) -> Instrument:
        name = given.get("instrument")
        return instrument(name if isinstance(name, str) else "", self._held()[0])

    def _pack(self, given: Mapping[str, Any], asked: Instrument) -> packs.Pack:
        name = given.get("pack") or asked.pack
        return packs.pack(name if isinstance(name, str) else "")
