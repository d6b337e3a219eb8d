"""
What a practitioner records of a person with an instrument: read as it was given, made a draft, and kept once.

A correction or a withdrawal keeps what was there before, and is its own agency's alone. Source: 000 7.2, 7.6-7.8; 001, MET Operational Group.
"""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from graph_service.access import Viewer
from graph_service.errors import ConflictError, KeyUsedError, NotFoundError, NotPermittedError, StaleError
from graph_service.pathway import packs
from graph_service.pathway.instruments import Instrument, instrument, read_answers
from graph_service.pathway.scores import score
from graph_service.services import assessment_rows as rows
from graph_service.services.parameters import LONDON
from graph_service.services.visible import VisibleGraphs
from graph_service.store.work import Draft, WorkRow, WorkStore
from queries.errors import ParameterError

KIND: Final = "person_assessment"
_FIELDS: Final = frozenset(
    {
        "instrument", "version", "answers", "judgement", "grading", "window", "at", "born", "pack", "text", "conditions", "replaces",
        "replaces_version", "why", "command",
    }
)  # fmt: skip


class AssessmentWriting:
    """Makes drafts of assessments and keeps them; `held` gives the instruments in force, by name."""

    def __init__(self, graphs: VisibleGraphs, work: WorkStore, held: Callable[[], Mapping[str, Instrument]]) -> None:
        self._graphs, self._work, self._held = graphs, work, held

    def _own(self, viewer: Viewer, thing: str, members: Sequence[str], sights: Sequence[int], what: str) -> WorkRow:
        """Give an assessment of a person that stands and that this viewer's agency recorded here."""
        before = self.one(sights, thing)
        if before is None or before.about not in members:
            raise NotFoundError
        if before.agency != viewer.agency:
            raise NotPermittedError(
                f"only the agency that recorded this can {what} it; record another beside it instead"
            )
        if rows.is_withdrawn(before):
            raise ParameterError("replaces", "this was withdrawn; record another instead")
        return before

    def draft(
        self, viewer: Viewer, about: str, members: list[str], sights: Sequence[int], given: Mapping[str, Any]
    ) -> tuple[Draft, str]:
        """
        Make a draft, and the command that it is kept under, of what is given; see `Instruments.record`.

        `about` is the uid that it is kept about, `members` the uids of the same person, `sights` those open to the viewer.
        """
        if viewer.known_at is not None:
            raise ParameterError("as_known_at", "set the page back to now before you record something")
        if given.keys() - _FIELDS:
            raise ParameterError("assessment", f"give only {', '.join(sorted(_FIELDS))}")
        today = dt.datetime.now(LONDON).date()
        asked = instrument_of(given, self._held())
        if given.get("version") != asked.version:
            raise ParameterError("version", f"the version in force is {asked.version}; fill that one in")
        at = rows.day_of(given, "at", today)
        referred = rows.day_of({"window": given.get("window") or at}, "window", today)
        born = rows.day_of(given, "born", today) if given.get("born") else None
        answers = read_answers(asked, rows.part_of(given, "answers"))
        judgement, grading = rows.judgement_of(given, asked), rows.grading_of(given, asked)
        pack = pack_of(given, asked)
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

    def withdrawal(
        self, viewer: Viewer, members: Sequence[str], sights: Sequence[int], uid: str, version: int, why: str
    ) -> Draft:
        """Make the draft that withdraws an assessment; see `Instruments.withdraw`."""
        if viewer.known_at is not None:
            raise ParameterError("as_known_at", "set the page back to now before you withdraw something")
        before = self._own(viewer, f"assessment:{uid}", members, sights, "withdraw")
        reason = rows.text_of({"why": why}, "why", "why", needed="say why it is withdrawn; the record of it is kept")
        return Draft(
            before.thing, KIND, before.about, self._graphs.formula(before.sight), rows.withdrawal(before), viewer.account,
            viewer.agency, reason, version, before.happened_from, before.happened_to, "within", "C", "assessment",
        )  # fmt: skip

    def append(self, viewer: Viewer, draft: Draft, command: str) -> int:
        """Keep a draft under its command, once, and give its version; says who came between, or what else the command was used for."""
        try:
            versions = self._work.append([draft], command_id=command)
        except StaleError:
            # Sent again under its own command it gives what it gave, so this is somebody else's change.
            current = self.one(self._graphs.sights(viewer), draft.thing)
            if current is None or draft.expected_version == 0:
                raise ConflictError from None
            if rows.is_withdrawn(current):
                raise ConflictError("this was withdrawn meanwhile") from None
            raise StaleError(rows.from_work(current, None, with_text=True)) from None
        version = versions.get(draft.thing, 0)
        if version != (draft.expected_version or 0) + 1:
            raise KeyUsedError("this key was used for another assessment; use a new one")
        kept = self.one(self._graphs.sights(viewer), draft.thing)
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

    def one(self, sights: Sequence[int] | frozenset[int], thing: str) -> WorkRow | None:
        """Give an assessment as it stands now, if one of these sights shows it."""
        found = self._work.rows(things=[thing], kinds=[KIND], sights=list(sights))
        return found[0] if found else None


def instrument_of(given: Mapping[str, Any], held: Mapping[str, Instrument]) -> Instrument:
    """Give the instrument that is named, among those held."""
    name = given.get("instrument")
    return instrument(name if isinstance(name, str) else "", held)


def pack_of(given: Mapping[str, Any], asked: Instrument) -> packs.Pack:
    """Give the rule pack that is named, or else the instrument's own."""
    name = given.get("pack") or asked.pack
    return packs.pack(name if isinstance(name, str) else "")
