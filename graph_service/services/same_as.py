"""Who is who: that two subjects are the same is a claim, by a person with a reason or by one named rule, and can be withdrawn."""

import datetime as dt
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations, pairwise
from typing import Any, Final

import numpy as np

from graph_service.access import Action, Viewer, require
from graph_service.errors import NotFoundError, NotPermittedError
from graph_service.records.audit import Audit, Event
from graph_service.services.imports import Imports
from graph_service.services.needs import needed_for_subjects
from graph_service.services.visible import VisibleGraphs, locate
from graph_service.store.bolt import BoltStore
from graph_service.store.writer import StoreWriter
from queries.errors import ParameterError, PmetError
from queries.loader import load
from queries.records import FAR_FUTURE, FAR_PAST, Batch, ClaimRecord, ReportRecord
from queries.sight import NOBODY, WITH_SUBJECT, Sight, sight_for
from queries.vocabulary import TYPE_CODES, ends_fit

RULE: Final = "rule:exact-identifiers/1"
_IDENTIFIERS: Final = {
    "vehicle": ("registration",),
    "account": ("number", "phone", "telephone", "handle", "email", "e-mail"),
}
_SHORTEST: Final = 5  # a shorter one is part of a plate or a number
_PLAIN: Final = re.compile(r"[^0-9a-z@.]")


class SameAs:
    """Makes and withdraws `SAME_AS` claims."""

    def __init__(self, store: BoltStore, graphs: VisibleGraphs, audit: Audit, imports: Imports) -> None:
        self._store, self._graphs, self._audit, self._imports = store, graphs, audit, imports

    def add(self, viewer: Viewer, a: str, b: str, reason: str) -> dict[str, str]:
        """
        Claim that two subjects are the same, for a reason that is kept.

        It is open to those who hold clearance for conditions or work for the viewer's agency, and who may see both subjects.
        """
        now = dt.datetime.now(dt.UTC)
        try:
            require(viewer, Action.DECIDE_SAME_AS)
            if not reason.strip():
                raise ParameterError("reason", "say why the two are the same; it is kept with the claim")
            graph, everything = self._graphs.of(viewer, now), self._graphs.projection()
            one, other = (graph.subjects[locate(graph, name)] for name in (a, b))
            if one.uid == other.uid:
                raise ParameterError("b", "the two are one subject already, by claims that you may see")
            if not ends_fit("SAME_AS", one.kind, other.kind):
                raise ParameterError("b", "only subjects of one kind can be the same")
        except PmetError as error:
            self._audit.refused(viewer, Action.DECIDE_SAME_AS, "same-as", error)
            raise
        needed = sight_for("", (), viewer.agency)
        for subject in (one, other):
            needed = needed.with_all_of(needed_for_subjects(self._graphs, everything, subject.members))
        name = hashlib.sha256(f"{viewer.account}|{one.key}|{other.key}|{now.isoformat()}".encode()).hexdigest()[:24]
        report = ReportRecord(f"same-as:{name}", "assessment", viewer.agency, now, now, needed, text=reason.strip())
        claim = _claim(f"same-as:{name}/1", one.key, other.key, report.key, needed, now)
        with self._imports.writing():
            StoreWriter(self._store).write(Batch(reports=(report,), claims=(claim,)), run=f"same-as:{name}", position=0)
        self._record(viewer, "same-as", 1, (*one.members, *other.members))
        return {"claim": claim.claim_id}

    def withdraw(self, viewer: Viewer, claim: str, reason: str) -> dict[str, str]:
        """Withdraw a `SAME_AS` claim that the viewer's own agency made."""
        everything = self._graphs.projection()
        try:
            require(viewer, Action.DECIDE_SAME_AS)
            rows = np.flatnonzero(
                (everything.claims.claim_id == claim) & (everything.claims.type == TYPE_CODES["SAME_AS"])
            )
            opened = self._graphs.sights(viewer)
            rows = rows[[int(everything.claims.sight[row]) in opened for row in rows]] if len(rows) else rows
            if not len(rows) or not reason.strip():
                raise NotFoundError
            if everything.reports.agency[everything.claims.report[rows[0]]] != viewer.agency:
                raise NotPermittedError(
                    "only the agency that made this claim can withdraw it; a report may deny it instead"
                )
        except PmetError as error:
            self._audit.refused(viewer, Action.DECIDE_SAME_AS, "same-as", error)
            raise
        with self._imports.writing():
            StoreWriter(self._store).end_edition(claim, (), run=f"withdraw:{claim}")
        ends = np.concatenate([everything.claims.a[rows], everything.claims.b[rows]])
        self._record(viewer, "same-as withdraw", 1, [str(uid) for uid in everything.subjects.uid[np.unique(ends)]])
        return {"withdrawn": claim}

    def by_exact_identifiers(self, viewer: Viewer) -> dict[str, Any]:
        """Claim that vehicles or accounts are the same when mentions give exactly the same registration, number, handle or e-mail."""
        try:
            require(viewer, Action.INGEST)
        except PmetError as error:
            self._audit.refused(viewer, Action.INGEST, RULE, error)
            raise
        now, everything = dt.datetime.now(dt.UTC), self._graphs.projection()
        said: dict[tuple[str, str], dict[str, Sight]] = defaultdict(dict)
        for row in self._store.read(load("store.identifiers").text, {"kinds": ["Vehicle", "Account"]}, seconds=30):
            kind = "vehicle" if "Vehicle" in row["labels"] else "account"
            for value in _identifiers(kind, json.loads(row["attributes"])):
                sight = Sight.parse(row["sight"])
                if sight == WITH_SUBJECT:
                    sight = needed_for_subjects(self._graphs, everything, (row["uid"],))
                known = said[kind, value].get(row["key"], NOBODY)
                said[kind, value][row["key"]] = Sight.any_of(*known.ways, *sight.ways)
        claims = []
        for holders in said.values():
            for one, other in _joined(holders):
                name = hashlib.sha256(f"{one}|{other}".encode()).hexdigest()[:24]
                claims.append(
                    _claim(
                        f"{RULE}/{name}", one, other, RULE, holders[one].with_all_of(holders[other]), now, derived=True
                    )
                )
        report = ReportRecord(
            RULE,
            "other",
            "partnership",
            FAR_PAST,
            FAR_PAST,
            sight_for("P", (), ""),
            text="Rule: the same exact identifier.",
        )
        with self._imports.writing():
            written = StoreWriter(self._store).held_claims({c.claim_id: "SAME_AS" for c in claims})
            new = [c for c in claims if c.claim_id not in written]
            for start in range(0, len(new), 1000):
                batch = Batch(reports=(report,), claims=tuple(new[start : start + 1000]))
                StoreWriter(self._store).write(batch, run=f"{RULE}:{now.isoformat()}", position=start)
        self._record(viewer, RULE, len(new), ())
        return {"rule": RULE, "claims": len(new), "already_held": len(written)}

    def _record(self, viewer: Viewer, what: str, changed: int, subjects: Iterable[str]) -> None:
        self._audit.record(
            Event.ALTERATION, viewer, Action.DECIDE_SAME_AS, question=what, subjects=subjects, returned=changed
        )
        self._imports.keep_census()


def _joined(holders: dict[str, Sight]) -> Iterable[tuple[str, str]]:
    """
    Give the pairs that join all holders of one identifier, for every viewer the whole of those that they may see.

    Those of one sight are seen together and make a chain; the first of each sight is joined to the first of every other, since a chain
    through one that somebody may not see would part the rest for them.
    """
    by_sight: dict[str, list[str]] = defaultdict(list)
    for key in sorted(holders):
        by_sight[holders[key].text].append(key)
    for together in by_sight.values():
        yield from pairwise(together)
    yield from combinations(sorted(together[0] for together in by_sight.values()), 2)


def _claim(
    claim_id: str, a: str, b: str, report: str, sight: Sight, now: dt.datetime, *, derived: bool = False
) -> ClaimRecord:
    return ClaimRecord(
        claim_id, "SAME_AS", a, b, report, sight, FAR_PAST, FAR_FUTURE, "exact", now, now, derived=derived
    )


def _identifiers(kind: str, attributes: dict[str, Any]) -> Iterable[str]:
    for name in _IDENTIFIERS[kind]:
        value = str(attributes.get(name, ""))
        plain = _PLAIN.sub("", value.casefold())
        if len(plain) >= _SHORTEST and not set(value) & set("?*_…"):
            yield plain
