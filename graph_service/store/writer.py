"""
Records in: one batch is one transaction, with its numbers, its sights and its census; the same batch again changes nothing.

What is already held is read first, so that a replay is cheap; the write takes the counter first and does nothing at all when another
writer came between. Rows are never changed but to be ended (reference model, section 2).
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from graph_service.errors import ConflictError
from graph_service.store.bolt import BoltStore
from graph_service.store.content import digest
from graph_service.store.holdings import Holdings, of_type
from graph_service.store.planning import Planned, Planner
from queries.loader import load
from queries.records import Batch, Written
from queries.vocabulary import TYPE_NAMES

_ATTEMPTS: Final = 5
_ENDED_AT_ONCE: Final = 1000


class StoreWriter:
    """
    Writes batches to the graph; implements `ingest.pipeline.Writer`.

    One at a time: its caller holds the writer's lock for as long as this object is used.
    """

    def __init__(self, store: BoltStore) -> None:
        self._store = store
        self._planner = Planner(store)
        self._holdings = Holdings(store)
        self.kinds = self._holdings.kinds
        self.involved = self._holdings.involved

    def held_reports(self, keys: Sequence[str]) -> set[str]:
        """Give those of these report keys that are held."""
        return set(self._holdings.reports(keys))

    def held_claims(self, claims: Mapping[str, str]) -> set[str]:
        """Give those of these claim ids (each with its type) under which a live row is held."""
        return {claim for claim, row in self._holdings.claims(claims).items() if row["row_id"]}

    def would_end(self, source: str, keep: Iterable[str]) -> int:
        """Count the live claims whose ids begin with `source` and are not in `keep`."""
        claims, _ = self._holdings.live(source)
        return len({row["claim_id"] for rows in claims.values() for row in rows} - set(keep))

    def write(self, batch: Batch, *, run: str, position: int) -> Written:
        """
        Write what of a batch is not held yet, in one transaction.

        Raises
        ------
        ConflictError
            If another writer kept coming between.
        StoreUnavailableError
            If the store does not answer; the same call again does no harm.
        """
        for _ in range(_ATTEMPTS):
            held = self._holdings.of(batch)
            plan, written = self._planner.of(batch, held)
            if plan is None:
                return written
            if self._commit(plan, f"{run}:{position}"):
                self._holdings.note(held)
                return written
        raise ConflictError("another import is writing to the store; wait for it to end and run this one again")

    def planned(
        self, batch: Batch, ending: Mapping[str, str] | None = None, at: dt.datetime | None = None
    ) -> Planned | None:
        """
        Number what of a batch is not held yet, to be kept by another in one transaction with its own rows: its `statements` between them.

        `ending` are claims (each id with its type) and mentions (with no type) whose live rows end; `at` is the moment of it all, now where
        none is given. None where there is nothing to do. The plan is good for as long as the counter stands at its `start`.
        """
        plan = self._planner.empty()
        plan.at = at or plan.at
        self._planner.fill(plan, batch, self._holdings.of(batch))
        ends = ending or {}
        for claim, row in self._holdings.claims({claim: name for claim, name in ends.items() if name}).items():
            if row["row_id"]:
                self._planner.end(plan, plan.ended_claims.setdefault(ends[claim], []), row["row_id"])
        for row in self._holdings.mentions(claim for claim, name in ends.items() if not name):
            if row["row_id"]:
                self._planner.end(plan, plan.ended_mentions, row["row_id"])
        return plan if plan.sequence > plan.start or plan.subjects else None

    def end_edition(self, source: str, keep: Iterable[str], *, run: str) -> int:
        """End the live rows whose claim ids begin with `source` and are not in `keep`; returns how many claims that were."""
        kept = set(keep)
        claims, mentions = self._holdings.live(source)
        newest: dict[str, int] = {}
        for rows in claims.values():
            for row in rows:
                newest[row["claim_id"]] = max(newest.get(row["claim_id"], 0), row["seq"])
        # A claim whose type was corrected has a newer row under its new type.
        gone = [
            (name, row["row_id"])
            for name, rows in claims.items()
            for row in rows
            if row["claim_id"] not in kept or row["seq"] < newest[row["claim_id"]]
        ]
        gone += [("", row["row_id"]) for row in mentions if row["claim_id"] not in kept]
        for start in range(0, len(gone), _ENDED_AT_ONCE):
            plan = self._planner.empty()
            for name, row_id in gone[start : start + _ENDED_AT_ONCE]:
                self._planner.end(plan, plan.ended_claims.setdefault(name, []) if name else plan.ended_mentions, row_id)
            if not self._commit(plan, f"{run}:end:{start}"):
                raise ConflictError("another import is writing to the store; wait for it to end and run this one again")
        return sum(claim not in kept for claim in newest)

    def statements(self, plan: Planned, after: int) -> list[tuple[str, dict[str, Any]]]:
        """Give what keeps the rows of a plan, once its numbers and its sights are kept; the counter then stands at `after`."""
        now = plan.at
        statements: list[tuple[str, dict[str, Any]]] = []
        for name, rows in (
            ("store.add_subjects", plan.subjects),
            ("store.add_reports", plan.reports),
            ("store.add_mentions", plan.mentions),
        ):
            if rows:
                statements.append((load(name).text, {"rows": rows, "after": after}))
        for claim_type, rows in plan.claims.items():
            statements.append((of_type("store.add_claims", claim_type), {"rows": rows, "after": after}))
        for claim_type, rows in plan.ended_claims.items():
            if rows:
                statements.append((of_type("store.end_claims", claim_type), {"rows": rows, "after": after, "now": now}))
        if plan.ended_mentions:
            statements.append(
                (load("store.end_mentions").text, {"rows": plan.ended_mentions, "after": after, "now": now})
            )
        for name, rows in plan.changed_sights.items():
            text = (
                of_type("store.change_claim_sights", name)
                if name in TYPE_NAMES
                else load("store.change_node_sights").text.replace("LABEL", name)
            )
            statements.append((text, {"rows": rows, "after": after}))
        return statements

    def _commit(self, plan: Planned, command: str) -> bool:
        after = plan.sequence + 1
        numbers = {"n": plan.start, "after": after, "nids": plan.nids, "rids": plan.rids, "census": plan.census.text}
        statements: list[tuple[str, dict[str, Any]]] = [(load("store.take_numbers").text, numbers)]
        sights = [{"sid": sid, "text": text} for sid, text in sorted(plan.sights.items())]
        if sights:
            statements.append((load("store.add_sights").text, {"rows": sights}))
        statements += self.statements(plan, after)
        # The command names what is written, so that the same batch over a changed store is another command.
        answers = self._store.write(
            statements,
            command_id=f"{command}:{digest(repr(numbers).encode()):032x}",
            seconds=30,
            confirm=lambda answers: all_there(statements, answers),
            first_decides=True,
        )
        done = answers is None or bool(answers[0])
        if not done:
            self._holdings.forget()
        return done


def all_there(statements: Sequence[tuple[str, dict[str, Any]]], answers: Sequence[list[dict[str, Any]]]) -> bool:
    """Say whether each statement has written as many rows as it was given: a subject that is not found writes nothing, and says nothing."""
    return all(
        sum(len(row.get("parts", (None,))) for row in parameters["rows"]) == (answer[0]["n"] if answer else 0)
        for (_, parameters), answer in zip(statements[1:], answers[1:], strict=True)
    )
