"""What stands beside the ranks of a context weighting: evidence that its whole team may see, and no more than each may see now."""

from collections.abc import Mapping, Sequence
from typing import Any

from graph_service.errors import NotFoundError
from graph_service.services.contexts import evidence, writing
from graph_service.services.contexts.case import Case, base_sight
from graph_service.services.contexts.desk import Look
from queries.errors import ParameterError

Row = dict[str, Any]


def check(look: Look, case: Case, body: Sequence[Mapping[str, Any]]) -> None:
    """
    Refuse evidence in a weighting that some of the team may not see: there it would be a hole, attached it is worked out for each reader.

    It is what is attached to the context (its ids), or claims.
    """
    wanted = {name for row in body for name in row["evidence"]}
    attached = {row.content["id"]: row for row in evidence.recipes(look, case) if row.content["id"] in wanted}
    open_to_all = all(row.sight == base_sight(case.uid).sid for row in attached.values())
    claims = sorted(wanted - attached.keys())
    try:
        needed = writing.need_of_parameters(look, (), claims)
    except NotFoundError:
        raise ParameterError("weighting.evidence", "choose what is attached under Evidence") from None
    if not open_to_all or (claims and needed.ways != frozenset({frozenset()})):
        raise ParameterError(
            "weighting.evidence",
            "some of this is handled with conditions; it stands under Evidence, where each sees their own",
        )


def _seen_beside(look: Look, case: Case, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Give what stands beside the ranks of a weighting, attached or claims, that a viewer may see."""
    wanted = {name for row in rows for name in row["evidence"]}
    if not wanted:
        return set()
    return {row.content["id"] for row in evidence.recipes(look, case)} & wanted | set(look.claims_seen(wanted))


def as_seen(look: Look, case: Case, rows: Sequence[Row]) -> Sequence[Row]:
    """Give a weighting with the evidence that a viewer may see: what all could see when it was written may have been closed since."""
    seen = _seen_beside(look, case, rows)
    return [{**row, "evidence": [name for name in row["evidence"] if name in seen]} for row in rows]


def with_hidden(look: Look, case: Case, rows: Sequence[Row]) -> Sequence[Row]:
    """Give a weighting that was written by somebody with what stands beside the same words and they may not see: it stays."""
    before = case.body("weighting")
    seen = _seen_beside(look, case, before)
    hidden = {row["what"]: [name for name in row["evidence"] if name not in seen] for row in before}
    return [{**row, "evidence": list(dict.fromkeys([*row["evidence"], *hidden.get(row["what"], [])]))} for row in rows]
