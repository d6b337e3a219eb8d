"""Evidence attached to a context: the recipe for every reader, worked out anew for each; the rows as they were for those who hold as much."""

import datetime as dt
import json
import secrets
from collections.abc import Mapping
from typing import Any, Final

from graph_service.errors import NotFoundError, NotPermittedError
from graph_service.services.answers.asked import iso
from graph_service.services.contexts.case import Case, base_sight, thing
from graph_service.services.contexts.desk import Look
from graph_service.services.contexts.given import text
from graph_service.services.contexts.shown import now_iso
from graph_service.services.contexts.writing import need_of_parameters
from graph_service.services.needs import all_open, rests_on
from graph_service.services.questions import Questions
from graph_service.services.visible import locate
from graph_service.store.work import Draft, WorkRow
from queries.catalogue import question as catalogue_question
from queries.errors import ParameterError
from queries.projection import VisibleGraph
from queries.sight import Sight

_LARGEST: Final = 500_000
_MOST: Final = 60
_NOT_OPEN: Final = "This question is not open to you as it was asked."


def attach(
    look: Look, questions: Questions, case: Case, name: str, given: Mapping[str, Any], why: str
) -> tuple[Draft, Draft]:
    """
    Ask a question as known now, and make the drafts that freeze it: the recipe, and the rows as they were.

    The recipe needs what the subjects and claims that it names need. The rows need all that whoever attached them held, since an answer may
    rest on any row that is open to them.

    Raises
    ------
    ParameterError
        If it cannot be asked so, or the answer is too large to keep.
    """
    asked = catalogue_question(name)
    parameters = _as_texts(given)
    moment = look.moment(case.rows)
    everything = look.desk.graphs.projection()
    sequence = everything.sequence
    envelope = questions.ask(look.viewer, name, parameters, as_known_at=moment)
    if len(json.dumps(envelope["rows"], default=str)) > _LARGEST:
        raise ParameterError("parameters", "the answer is too large to attach; ask for less")
    subjects = [
        _named(look, parameters[p.name]) for p in asked.parameters if p.type == "subject" and parameters.get(p.name)
    ]
    claims = [part.strip() for part in parameters.get("claims", "").split(",") if part.strip()]
    sight = base_sight(case.uid).with_all_of(need_of_parameters(look, subjects, claims))
    number = secrets.token_hex(8)
    recipe = {
        "id": number, "question": name, "version": asked.version, "parameters": parameters, "known_at": now_iso(moment), "sequence": sequence,
    }  # fmt: skip
    whole = sight.with_all_of(_all_that(look.viewer.held))
    reason = text("why", why, needed=True)
    return (
        look.draft(
            case.uid, "evidence", thing(case.uid, f"evidence/{number}"), sight, recipe, reason=reason, expected=0
        ),
        look.draft(
            case.uid,
            "evidence_rows",
            thing(case.uid, f"evidence_rows/{number}"),
            whole,
            {
                "id": number,
                "rows": envelope["rows"],
                "rests_on": rests_on(
                    everything, frozenset(look.asked.sights), look.asked.graph, envelope["rows"], moment
                ),
            },
            reason=reason,
            expected=0,
        ),
    )


def shown(
    look: Look, questions: Questions, case: Case, names: Mapping[str, str], only: str = ""
) -> list[dict[str, Any]]:
    """Give the evidence of a context, oldest first, each piece worked out anew for this viewer as known at its moment."""
    stored = {row.content["id"]: row for row in look.rows(about=[case.uid], kinds=["evidence_rows"])}
    return [
        _piece(look, questions, row, stored.get(row.content["id"]), names)
        for row in recipes(look, case)[-_MOST:]
        if only in ("", row.content["id"])
    ]


def recipes(look: Look, case: Case) -> list[WorkRow]:
    """Give the recipes of what is attached to a context, oldest first, as far as a viewer may see what they name."""
    rows = [
        row for row in look.rows(about=[case.uid], kinds=["evidence"]) if row.thing.startswith(f"context:{case.uid}/")
    ]
    return sorted((row for row in rows if still_named(look, row)), key=lambda row: (row.known_from, row.content["id"]))


def still_named(look: Look, row: WorkRow) -> bool:
    """
    Say whether a viewer may still see all that a recipe names, as known at its moment.

    Its own sight is what they needed on the day that it was attached; their reports may have been closed since.
    """
    recipe = row.content
    moment, asked = look.asked.known_at.fromisoformat(recipe["known_at"]), catalogue_question(recipe["question"])
    named = [recipe["parameters"].get(p.name) for p in asked.parameters if p.type == "subject"]

    def hidden(graph: VisibleGraph) -> bool:
        return any(uid and uid not in graph.position and uid.removeprefix("ref:") not in graph.by_ref for uid in named)

    # Whoever is there for them now may be named; a graph of that moment is made only for those who are not.
    if hidden(look.asked.graph) and hidden(look.desk.graphs.of(look.viewer, moment)):
        return False
    claims = [part.strip() for part in recipe["parameters"].get("claims", "").split(",") if part.strip()]
    return all_open(look.desk.graphs.projection(), frozenset(look.asked.sights), claims, moment)


def _stored(look: Look, row: WorkRow | None, moment: dt.datetime) -> object:
    """Give the rows as they were, to whom all that they rest on is open today: rights are always today's (model, section 3)."""
    if row is None or "rests_on" not in row.content:
        return None
    opened = frozenset(look.asked.sights)
    is_open = all_open(look.desk.graphs.projection(), opened, row.content["rests_on"], moment)
    return row.content["rows"] if is_open else None


def _piece(
    look: Look, questions: Questions, row: WorkRow, stored: WorkRow | None, names: Mapping[str, str]
) -> dict[str, Any]:
    recipe = row.content
    moment = look.asked.known_at.fromisoformat(recipe["known_at"])
    try:
        envelope = questions.ask(look.viewer, recipe["question"], recipe["parameters"], as_known_at=moment)
        found, caveats = envelope["rows"], envelope["caveats"]
    except (NotFoundError, NotPermittedError, ParameterError):
        found, caveats = [], [_NOT_OPEN]
    return {
        **{name: recipe[name] for name in ("id", "question", "version", "parameters", "known_at")},
        "sequence": None,
        "by": names.get(row.account, row.account),
        "agency": row.agency,
        "at": iso(row.recorded_at),
        "why": row.reason,
        "rows": found,
        "caveats": caveats,
        "stored": _stored(look, stored, moment),
    }


def _all_that(held: frozenset[str]) -> Sight:
    """
    Give what needs all that somebody holds: what opened rows to them, and the role and the schools by which they were told names and counts.

    It follows from who they are and not from what is in the graph: a reader to whom the stored rows are closed learns nothing of whether
    anything is hidden from them.
    """
    return Sight.any_of(held)


def _named(look: Look, name: str) -> str:
    return look.asked.graph.subjects[locate(look.asked.graph, name)].uid if name.startswith("ref:") else name


def _as_texts(given: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in given.items():
        if value is None:
            continue
        if isinstance(value, list | tuple):
            parts = [str(part) for part in value]
            if any("," in part for part in parts):
                raise ParameterError("parameters", "a part of a list cannot have a comma in it")
            found[str(name)] = ",".join(parts)
        elif isinstance(value, bool):
            found[str(name)] = str(value).lower()
        elif isinstance(value, str | int | float):
            found[str(name)] = str(value)
        else:
            raise ParameterError("parameters", "each is a text, a number, true or false, or a list of texts")
    return found
