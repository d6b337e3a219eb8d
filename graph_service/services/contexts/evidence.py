"""Evidence attached to a context: the recipe for every reader, worked out anew for each; the rows as they were for those who hold as much."""

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
from graph_service.services.questions import Questions
from graph_service.services.visible import locate
from graph_service.store.work import Draft, WorkRow
from queries.catalogue import question as catalogue_question
from queries.errors import ParameterError
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
    sequence = look.desk.graphs.projection().sequence
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
            {"id": number, "rows": envelope["rows"]},
            reason=reason,
            expected=0,
        ),
    )


def shown(
    look: Look, questions: Questions, case: Case, names: Mapping[str, str], only: str = ""
) -> list[dict[str, Any]]:
    """Give the evidence of a context, oldest first, each piece worked out anew for this viewer as known at its moment."""
    rows = look.rows(about=[case.uid], kinds=["evidence", "evidence_rows"])
    stored = {row.content["id"]: row.content["rows"] for row in rows if row.kind == "evidence_rows"}
    recipes = [row for row in rows if row.kind == "evidence" and row.thing.startswith(f"context:{case.uid}/")]
    recipes.sort(key=lambda row: (row.known_from, row.content["id"]))
    return [
        _piece(look, questions, row, stored.get(row.content["id"]), names)
        for row in recipes[-_MOST:]
        if only in ("", row.content["id"])
    ]


def _piece(look: Look, questions: Questions, row: WorkRow, stored: object, names: Mapping[str, str]) -> dict[str, Any]:
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
        "stored": stored,
    }


def _all_that(held: frozenset[str]) -> Sight:
    """
    Give what needs all that somebody holds that could open a row.

    It follows from who they are and not from what is in the graph: a reader to whom the stored rows are closed learns nothing of whether
    anything is hidden from them.
    """
    opening = ("agency:", "handling:", "condition:", "team:", "grant:")
    return Sight.any_of(thing for thing in held if thing.startswith(opening) or thing == "role:coordinator")


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
