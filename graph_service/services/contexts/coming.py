"""Who comes to future notice, told to each viewer as far as they may see."""

import datetime as dt
import secrets
from typing import Any, Final

import numpy as np

from graph_service.services.answers.asked import Asked, iso
from graph_service.services.answers.people import sentence
from graph_service.services.contexts.case import SEEN, Case, own_sight, thing
from graph_service.services.contexts.desk import Look
from graph_service.services.contexts.outcome import scope_of
from graph_service.store.work import Draft
from queries.analysis.notice import Notice, notices
from queries.projection import to_milliseconds
from queries.vocabulary import TYPE_NAMES

_SENTENCES: Final = 3


def told(look: Look, case: Case) -> list[dict[str, Any]]:
    """Give the notices of a context, latest first; `new` since this viewer last read them."""
    read_up_to = look.read_up_to.get(case.uid, 0)
    return [
        {
            "what": _what(look.asked, notice),
            "happened_from": iso(notice.happened_from),
            "known_from": iso(notice.known_from),
            "touches": look.asked.subject(notice.touches),
            "evidence": list(notice.claims),
            "new": notice.known_from > read_up_to,
        }
        for notice in _notices(look, case)
    ]


def count_new(look: Look, case: Case) -> int:
    """Count the notices that this viewer has not read."""
    read_up_to = look.read_up_to.get(case.uid, 0)
    scope = scope_of(case, look.asked.graph)
    watched = np.fromiter(scope.places | scope.others | scope.people, np.int64)
    # Of most contexts nothing was told since: then there is nothing to put together.
    if not len(watched) or look.last_told[watched].max() <= max(read_up_to, to_milliseconds(case.opened_at)):
        return 0
    return sum(notice.known_from > read_up_to for notice in _notices(look, case))


def mark_read(look: Look, case: Case, up_to: dt.datetime | None = None) -> bool:
    """
    Note that this viewer has read what there is to read, or what was known up to a moment; tells whether that was anything new.

    Nobody else sees when.
    """
    latest = max((notice.known_from for notice in _notices(look, case)), default=0)
    if up_to is not None:
        latest = min(latest, to_milliseconds(up_to))
    if latest <= look.read_up_to.get(case.uid, 0):
        return False
    sight = own_sight(look.viewer.account)
    draft = Draft(
        thing=thing(case.uid, f"{SEEN}/{look.viewer.account}"),
        kind=SEEN,
        about=case.uid,
        sight=sight,
        content={"up_to": latest},
        account=look.viewer.account,
        agency=look.viewer.agency,
    )
    look.desk.work.append([draft], command_id=secrets.token_hex(16))
    return True


def _notices(look: Look, case: Case) -> list[Notice]:
    graph = look.asked.graph
    scope = scope_of(case, graph)
    began_with = {
        claim for row in case.rows if row.kind in ("origin", "affected") for claim in row.content.get("citations", [])
    }
    watched, since = scope.places | scope.others | scope.people, to_milliseconds(case.opened_at)
    return notices(
        graph, watched, since, mentions=look.mentions(watched, since), began_with=began_with, made_here=look.made_here
    )


def _what(asked: Asked, notice: Notice) -> str:
    said = []
    for columns, rows in ((asked.graph.claims, notice.rows), (asked.graph.apart, notice.denials)):
        for row in rows:
            kind = TYPE_NAMES[columns.type[row]]
            said.append(sentence(asked, kind, str(columns.role[row]), int(columns.a[row]), int(columns.b[row])))
    said = list(dict.fromkeys(said))
    if not said:
        return f"{asked.graph.subjects[notice.touches].label} is named in a report"
    more = f" (and {len(said) - _SENTENCES} more)" if len(said) > _SENTENCES else ""
    return "; ".join(said[:_SENTENCES]) + more
