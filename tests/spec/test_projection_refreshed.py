"""A projection brought up to a later number is the one that is read anew at it, column by column; and an older one stays as it was."""

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from graph_service.store.bolt import BoltStore
from graph_service.store.reader import read_projection, refreshed
from graph_service.store.writer import StoreWriter
from queries.columns import Projection
from queries.projection import visible_graph
from queries.records import FAR_FUTURE, Batch, ClaimRecord, Json, MentionRecord, ReportRecord, SubjectRecord
from queries.sight import OPEN, WITH_SUBJECT, sight_for

SIGHTS = (OPEN, OPEN, sight_for("C", (), ""), sight_for("", (), "police"), sight_for("C", ("A1",), ""))
KINDS = ("child", "adult", "location", "incident")
TYPES = {
    ("person", "person"): "KNOWS",
    ("person", "incident"): "INVOLVED_IN",
    ("person", "location"): "SEEN_AT",
    ("incident", "location"): "AT",
}
SAID: tuple[dict[str, Json], ...] = (
    {},
    {"push_factors": ["loss"]},
    {"conversation_held": "2026-05-02", "pull_factors": ["food", "what somebody typed"]},
)
START = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)


class Writing:
    """Writes at random, as importers do: editions with corrections, withdrawals, changes of handling, mentions, and copies that come late."""

    def __init__(self, store: BoltStore, seed: int) -> None:
        self.dice, self.store, self.turn = random.Random(seed), store, 0
        self.subjects: dict[str, SubjectRecord] = {}
        self.reports: dict[str, ReportRecord] = {}
        self.claims: dict[str, ClaimRecord] = {}
        self.mentions: dict[str, MentionRecord] = {}

    def step(self) -> str:
        """Do one thing, and say which."""
        self.turn += 1
        writer = StoreWriter(self.store)
        does = self.dice.choice(
            ("new", "new", "edition", "withdrawal", "handling", "correction", "mention", "same", "copied")
        )
        if does == "withdrawal" and self.claims:
            gone = self.dice.choice(sorted(self.claims))
            writer.end_edition(gone, (), run=f"{self.turn}")
            return does
        if does == "edition":
            writer.end_edition(
                "bundle:t/", self.dice.sample(sorted(self.claims), len(self.claims) // 2), run=f"{self.turn}"
            )
            return does
        batch = getattr(self, f"_{does}")() if self.reports and does != "withdrawal" else self._new()
        writer.write(batch, run=f"{self.turn}", position=0)
        return does

    def _when(self) -> dt.datetime:
        return START + dt.timedelta(hours=self.dice.randrange(1000))

    def _new(self) -> Batch:
        made = [
            SubjectRecord(f"bundle:t/s{len(self.subjects) + n}", self.dice.choice(KINDS))
            for n in range(self.dice.randrange(1, 4))
        ]
        self.subjects |= {row.key: row for row in made}
        reports = [self._report(f"bundle:t/r{len(self.reports) + n}") for n in range(self.dice.randrange(1, 3))]
        self.reports |= {row.key: row for row in reports}
        claims = [claim for _ in range(self.dice.randrange(6)) if (claim := self._claim(self.dice.choice(reports)))]
        return Batch(tuple(self.subjects.values()), tuple(reports), (), tuple(claims))

    def _report(self, key: str, **more: Any) -> ReportRecord:
        when, sight = self._when(), self.dice.choice(SIGHTS)
        source = self.dice.choice((None, None, f"bundle:t/r{self.dice.randrange(40)}"))
        given = {
            "source_eval": self.dice.choice("123"), "info_eval": self.dice.choice("ABCDE"), "scheme": "3x5x2",
            "handling": "P" if sight == OPEN else "C", "copied_from": None if source == key else source, "text": f"Turn {self.turn}.", **more,
        }  # fmt: skip
        return ReportRecord(key, "cpi", self.dice.choice(("police", "youth")), when, when, sight, **given)

    def _claim(self, report: ReportRecord, claim_id: str = "") -> ClaimRecord | None:
        one, other = self.dice.choice(list(self.subjects.values())), self.dice.choice(list(self.subjects.values()))
        ends = tuple("person" if row.kind in {"child", "adult"} else row.kind for row in (one, other))
        if ends not in TYPES or one.key == other.key:
            return None
        start = self._when()
        claim = ClaimRecord(
            claim_id or f"bundle:t/c{len(self.claims)}", TYPES[ends], one.key, other.key, report.key, report.sight, start,
            self.dice.choice((FAR_FUTURE, start + dt.timedelta(hours=1))), "exact", start, start, role=self.dice.choice(("", "concern")),
            attributes=self.dice.choice(SAID),
        )  # fmt: skip
        self.claims[claim.claim_id] = claim
        return claim

    def _some_report(self) -> ReportRecord:
        return self.reports[self.dice.choice(sorted(self.reports))]

    def _handling(self) -> Batch:
        row = self._some_report()
        self.reports[row.key] = changed = self._report(row.key, copied_from=row.copied_from)
        return Batch(reports=(changed,))

    def _copied(self) -> Batch:
        """A report that others copy, and that itself turns out to be a copy: the roots of those before it change."""
        row = self._some_report()
        named = row.copied_from or f"bundle:t/r{len(self.reports)}"
        self.reports[named] = first = self._report(named, copied_from=f"bundle:t/r{self.dice.randrange(60)}x")
        return Batch(reports=(first,))

    def _correction(self) -> Batch:
        if not self.claims:
            return self._new()
        held = self.claims[self.dice.choice(sorted(self.claims))]
        report = self.reports[held.report_key]
        claim = self._claim(report, held.claim_id)
        return Batch(reports=(report,), claims=(claim,) if claim else ())

    def _mention(self) -> Batch:
        subject, report = self.dice.choice(sorted(self.subjects)), self.dice.choice([None, self._some_report()])
        when, name = self._when(), f"bundle:t/m{self.dice.randrange(12)}"
        place = self.dice.choice(((None, None), (50.8, -1.08)))
        held = self.mentions.get(name)
        row = MentionRecord(
            name, held.subject_key if held else subject, report.key if report else None, report.sight if report else WITH_SUBJECT, when, when,
            label=self.dice.choice(("", "Ana Exampleby", "Ben Exampleby")), subkind=self.dice.choice(("", "school")),
            date_of_birth=self.dice.choice((None, dt.date(2010, 2, 3))), latitude=place[0], longitude=place[1],
        )  # fmt: skip
        self.mentions[name] = row
        return Batch(reports=(report,) if report else (), mentions=(row,))

    def _same(self) -> Batch:
        one, other = self.dice.choice(list(self.subjects.values())), self.dice.choice(list(self.subjects.values()))
        if one.key == other.key or one.kind != other.kind:
            return self._new()
        # Reported, or decided here.
        report, when = self.dice.choice((self._some_report(), self._report("same-as:t/1"))), self._when()
        self.reports[report.key] = report
        name = f"bundle:t/c{len(self.claims)}"
        self.claims[name] = claim = ClaimRecord(
            name, "SAME_AS", one.key, other.key, report.key, report.sight, START, FAR_FUTURE, "exact", when, when
        )
        return Batch(reports=(report,), claims=(claim,))


def columns_of(found: Projection) -> dict[str, Any]:
    """Everything that a projection says, and what is worked out from it."""
    parts = {"subjects": found.subjects, "reports": found.reports, "claims": found.claims, "mentions": found.mentions}
    told = {f"{name}.{column}": getattr(part, column) for name, part in parts.items() for column in part.__slots__}
    names = ("subject_order", "claim_order", "mention_order", "kind_codes", "hub_reports", "decisions", "named")
    told |= {name: getattr(found, name) for name in names}
    told |= {f"sights {at}": column for at, column in enumerate(found.sights)}
    return {name: column.tolist() for name, column in told.items()}


def agree(later: Projection, anew: Projection) -> None:
    one, other = columns_of(later), columns_of(anew)
    assert one.keys() == other.keys()
    for name in one:
        # NaN is not itself; written out, it is.
        assert repr(one[name]) == repr(other[name]), name
    assert later.sequence == anew.sequence
    assert later.marks is not None
    assert anew.marks is not None
    assert later.marks.counter == anew.marks.counter
    assert later.marks.claim_seq.tolist() == anew.marks.claim_seq.tolist()
    assert later.marks.mention_seq.tolist() == anew.marks.mention_seq.tolist()
    assert later.marks.copied_from == anew.marks.copied_from
    assert (later.at_uid, later.at_key, later.roots) == (anew.at_uid, anew.at_key, anew.roots)
    assert set(anew.moments.tolist()) <= set(later.moments.tolist())
    assert (np.diff(later.moments) > 0).all()


@pytest.mark.parametrize("seed", range(3))
def test_what_is_brought_up_is_what_is_read_anew(store: BoltStore, seed: int) -> None:
    writing, held = Writing(store, seed), read_projection(store)
    done = set()
    for _ in range(14):
        assert len(held.moments) >= 0 <= len(held.at_uid) + len(held.at_key)  # worked out, so that they are handed on
        before = columns_of(held)
        done.add(writing.step())
        later = refreshed(store, held)
        agree(later, read_projection(store))
        assert repr(columns_of(held)) == repr(before), "a projection that somebody else may be reading was changed"
        assert refreshed(store, later) is later
        held = later
    assert len(done) > 3


def test_what_the_copies_say_is_what_the_rows_say(store: BoltStore) -> None:
    """And no copy stays on a row that was ended or has another sight."""
    writing = Writing(store, 5)
    for _ in range(25):
        writing.step()
    by_copies = read_projection(store)
    touched = "sum(CASE WHEN {0}.packed IS NULL THEN 1 ELSE 0 END) AS without, sum(CASE WHEN {0}.seq <> {0}.chg_seq THEN 1 ELSE 0 END) AS touched"
    for match, row in (("()-[r]->() WHERE r.claim_id IS NOT NULL", "r"), ("(m:Mention)", "m")):
        (counted,) = store.read(f"MATCH {match} RETURN count({row}) AS n, {touched.format(row)}")
        assert counted["n"] > counted["touched"] == counted["without"] > 0
        store.define([f"MATCH {match} SET {row}.packed = null"])
    agree(by_copies, read_projection(store))


def test_several_changes_at_once_are_brought_up_together(store: BoltStore) -> None:
    writing = Writing(store, 7)
    for _ in range(10):
        writing.step()
    held = read_projection(store)
    for _ in range(12):
        writing.step()
    agree(refreshed(store, held), read_projection(store))


@pytest.mark.parametrize("steps", [3, 8, 20], ids=["counter-behind", "about-as-far", "counter-ahead"])
def test_a_store_with_another_history_is_read_anew(
    store: BoltStore, empty_store: Callable[[], None], steps: int
) -> None:
    writing = Writing(store, 1)
    for _ in range(8):
        writing.step()
    held = read_projection(store)
    empty_store()
    other = Writing(store, 2)
    for _ in range(steps):
        other.step()
    agree(refreshed(store, held), read_projection(store))


def test_a_viewers_graph_made_before_a_change_does_not_see_it(store: BoltStore) -> None:
    writing = Writing(store, 3)
    for _ in range(8):
        writing.step()
    held, now = read_projection(store), 1 << 50
    seen = visible_graph(held, [sight.sid for sight in SIGHTS], now)
    told = (list(seen.subjects), seen.claims.claim_id.tolist(), dict(seen.position))
    unread = visible_graph(held, [sight.sid for sight in SIGHTS], now)
    for _ in range(4):
        writing.step()
        held = refreshed(store, held)
    assert told == (list(unread.subjects), unread.claims.claim_id.tolist(), dict(unread.position))
