"""
Small random graphs, as plain rows, for tests that compare an analysis with the slow referee.

A `World` holds rows of everything, hidden or not, in the words of the model; `projection_of` packs it as the store's reader would.
Instants are milliseconds UTC, on a lattice of half hours over a few days, so that times often touch and coincide.
"""

import datetime as dt
import random
from dataclasses import dataclass, field
from typing import Any, Final, TypedDict

import numpy as np
from hypothesis import strategies as st

from queries.factors import HELD
from queries.projection import (
    FAR_FUTURE_MS,
    FAR_PAST_MS,
    ClaimColumns,
    MentionColumns,
    Projection,
    ReportColumns,
    SubjectColumns,
    to_milliseconds,
)
from queries.sight import OPEN, WITH_SUBJECT
from queries.vocabulary import TYPE_CODES, ends_fit, information_rank, source_rank

Row = dict[str, Any]
HALF_HOUR: Final = 30 * 60 * 1000
START: Final = to_milliseconds(dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC))
SECRET: Final = (16, 24, 32)  # sights that a viewer may lack
KINDS: Final = (
    *["child"] * 3, "adult", "person", *["location"] * 3, *["incident"] * 3, "vehicle", "account", "group",
)  # fmt: skip
TYPES: Final = (
    *["INVOLVED_IN"] * 6, *["AT"] * 4, *["SEEN_AT"] * 3, *["KNOWS"] * 2, *["SAME_AS"] * 2, "SEEN_WITH", "FAMILY_OF",
    "SUSPECTED_OF_EXPLOITING", "LIVES_AT", "FREQUENTS", "ATTENDS", "USES", "MEMBER_OF", "PART_OF", "DENIED",
)  # fmt: skip
ROLES: Final = {
    "INVOLVED_IN": ("missing", "missing", "missing", "located", "victim", "present"),
    "AT": ("occurred", "missing_from", "last_seen", "found_at", "found_at"),
    "KNOWS": ("concern", "strength", ""),
}
SUBKINDS: Final = {
    "location": ("place", "", "address", "school"),
    "incident": ("missing_episode", "missing_episode", "crime", ""),
}


class Period(TypedDict):
    """The period that an analysis is asked about, milliseconds UTC."""

    happened_from: int
    happened_to: int


EVER: Final[Period] = {"happened_from": FAR_PAST_MS, "happened_to": FAR_FUTURE_MS}


@dataclass
class World:
    """Every row of a small graph, hidden or not."""

    subjects: list[Row] = field(default_factory=list)
    reports: list[Row] = field(default_factory=list)
    mentions: list[Row] = field(default_factory=list)
    claims: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Case:
    """A world, and who looks at it when. `made_by` has the seed and the number of claims of `random_world`."""

    world: World = field(repr=False)  # follows from `made_by`
    open_sights: tuple[int, ...]
    known_at: int
    made_by: tuple[int, int] = (0, 0)


def subject(key: str, kind: str) -> Row:
    return {"uid": f"uid-{key}", "key": f"bundle:t/{key}", "kind": kind}


def report(key: str, agency: str = "police", *, grade: str = "1-B", copied_from: str | None = None) -> Row:
    source, _, info = grade.partition("-")
    return {"key": key, "agency": agency, "kind": "other", "source": source, "info": info, "copied_from": copied_from}


def mention(key: str, *, report: str | None = None, label: str = "", **more: Any) -> Row:
    row = {
        "claim_id": f"mention:{key}/{report}", "subject": f"bundle:t/{key}", "report": report, "label": label, "subkind": "",
        "sight": OPEN.sid if report else WITH_SUBJECT.sid, "known_from": START, "live_to": FAR_FUTURE_MS,
        "recorded_at": START, "born": float("nan"), "latitude": float("nan"), "longitude": float("nan"),
    }  # fmt: skip
    return {**row, **more}


def claim(claim_id: str, a: str, kind: str, b: str, report: str, **more: Any) -> Row:
    row = {
        "claim_id": claim_id, "a": f"bundle:t/{a}", "b": f"bundle:t/{b}", "type": kind, "role": "", "report": report,
        "event_id": "", "sight": OPEN.sid, "known_from": START, "live_to": FAR_FUTURE_MS, "recorded_at": START,
        "happened_from": FAR_PAST_MS, "happened_to": FAR_FUTURE_MS, "time_known": "unknown", "seconds": float("nan"),
        "factors": 0,
    }  # fmt: skip
    return {**row, **more}


def during(from_half_hours: int, to_half_hours: int, time_known: str = "exact") -> Row:
    """The times of a claim, in half hours since `START`."""
    return {
        "happened_from": START + from_half_hours * HALF_HOUR,
        "happened_to": START + to_half_hours * HALF_HOUR,
        "time_known": time_known,
    }


def _objects(values: list[Any]) -> Any:
    column = np.empty(len(values), object)
    column[:] = values
    return column


def root_of(reports: dict[str, Row], key: str) -> str:
    """The first report along `copied_from`, whether or not it is held; the smallest of a ring."""
    seen = [key]
    while (source := reports.get(seen[-1], {}).get("copied_from")) and source not in seen:
        seen.append(source)
    return min(seen) if source else seen[-1]


def projection_of(world: World) -> Projection:
    """Pack rows as the reader does."""
    at = {row["key"]: position for position, row in enumerate(world.subjects)}
    reports = {row["key"]: row for row in world.reports}
    report_at = {key: position for position, key in enumerate(reports)}
    roots = [root_of(reports, key) for key in reports]
    numbers = {root: number for number, root in enumerate(dict.fromkeys(roots))}

    def grade(row: Row) -> str:
        said = reports[row["report"]]
        return f"{said['source']}-{said['info']}-P" if said["source"] and said["info"] else "ungraded"

    def column(rows: list[Row], name: str, kind: type = np.int64) -> Any:
        values = [row[name] for row in rows]
        return _objects(values) if kind is object else np.array(values, kind)

    claims, mentions = world.claims, world.mentions
    said = [reports[row["report"]] for row in claims]
    return Projection(
        1,
        SubjectColumns(*(column(world.subjects, name, object) for name in ("uid", "key", "kind"))),
        ReportColumns(
            _objects([f"uid-{key}" for key in reports]),
            _objects(list(reports)),
            _objects([row["agency"] for row in reports.values()]),
            _objects([row["kind"] for row in reports.values()]),
            np.array([numbers[root] for root in roots], np.int64),
        ),
        ClaimColumns(
            claim_id=column(claims, "claim_id", object),
            a=np.array([at[row["a"]] for row in claims], np.int64),
            b=np.array([at[row["b"]] for row in claims], np.int64),
            type=np.array([TYPE_CODES[row["type"]] for row in claims], np.int64),
            role=column(claims, "role", object),
            report=np.array([report_at[row["report"]] for row in claims], np.int64),
            event_id=column(claims, "event_id", object),
            sight=column(claims, "sight"),
            known_from=column(claims, "known_from"),
            live_to=column(claims, "live_to"),
            recorded_at=column(claims, "recorded_at"),
            happened_from=column(claims, "happened_from"),
            happened_to=column(claims, "happened_to"),
            time_known=column(claims, "time_known", object),
            grade=_objects([grade(row) for row in claims]),
            information_rank=np.array([information_rank(row["info"], "") for row in said], np.int64),
            source_rank=np.array([source_rank(row["source"], "") for row in said], np.int64),
            handling=_objects(["P" if row["sight"] == OPEN.sid else "C" for row in claims]),
            seconds=column(claims, "seconds", np.float64),
            factors=column(claims, "factors"),
        ),
        MentionColumns(
            subject=np.array([at[row["subject"]] for row in mentions], np.int64),
            report=np.array([report_at.get(row["report"], -1) for row in mentions], np.int64),
            sight=column(mentions, "sight"),
            known_from=column(mentions, "known_from"),
            live_to=column(mentions, "live_to"),
            recorded_at=column(mentions, "recorded_at"),
            label=column(mentions, "label", object),
            subkind=column(mentions, "subkind", object),
            born=column(mentions, "born", np.float64),
            latitude=column(mentions, "latitude", np.float64),
            longitude=column(mentions, "longitude", np.float64),
            information_rank=np.array(
                [information_rank(reports[r["report"]]["info"] if r["report"] else "", "") for r in mentions], np.int64
            ),
            claim_id=column(mentions, "claim_id", object),
        ),
    )


_SIGHTS: Final = (*[OPEN.sid] * 6, *SECRET)
_CLOCKS: Final = (
    *[(START, FAR_FUTURE_MS)] * 5,
    (START + 4 * HALF_HOUR, FAR_FUTURE_MS),
    (START, START + 6 * HALF_HOUR),
    (START + 9 * HALF_HOUR, FAR_FUTURE_MS),
)


def _times(dice: random.Random) -> Row:
    known = dice.choice(("exact", "exact", "exact", "exact", "about", "within", "unknown"))
    if known == "unknown":
        return {"happened_from": FAR_PAST_MS, "happened_to": FAR_FUTURE_MS, "time_known": known}
    started, ended = dice.randrange(24), dice.choice((0, 1, 2, 4, 8, 12, None))
    times = during(started, started + (ended or 0), known)
    return {**times, "happened_to": FAR_FUTURE_MS} if ended is None else times


def _random_mention(dice: random.Random, key: str, kind: str, reports: list[Row], at: int) -> Row:
    said_by = dice.choice([None, None, *reports])
    known_from, live_to = dice.choice(_CLOCKS)
    where = dice.randrange(4) if kind == "location" else 0
    return {
        "claim_id": f"mention:{at:02d}", "subject": key, "report": said_by["key"] if said_by else None,
        "sight": dice.choice(_SIGHTS) if said_by else WITH_SUBJECT.sid, "known_from": known_from, "live_to": live_to,
        "recorded_at": known_from, "label": dice.choice(("", f"{kind} one", f"{kind} two")),
        "subkind": dice.choice(SUBKINDS.get(kind, ("",))), "born": float("nan"),
        "latitude": 50.8 + where / 300 if where else float("nan"), "longitude": -1.08 if where else float("nan"),
    }  # fmt: skip


def _random_reports(dice: random.Random) -> list[Row]:
    made = []
    for at in range(dice.randint(2, 8)):
        source = dice.choice((None, None, None, "r0", f"r{at - 1}", "not held"))
        grade = dice.choice(("1-A", "1-B", "2-B", "1-C", "3-D", "2-E", "-"))
        agency = dice.choice(("police", "health", "education"))
        made.append(report(f"r{at}", agency, grade=grade, copied_from=None if source == f"r{at}" else source))
    return made


def _decide_a_hub(dice: random.Random, keys: list[str], reports: list[Row], mentions: list[Row]) -> None:
    """Sometimes a person decides that no route passes through a subject; for everyone who sees it, from some moment, perhaps to another."""
    if dice.random() < 0.5:
        reports.append(report("hub:0", "police"))
        known_from, live_to = dice.choice(_CLOCKS)
        mentions.append(
            {
                "claim_id": "hub:0/1", "subject": dice.choice(keys), "report": "hub:0", "sight": WITH_SUBJECT.sid, "known_from": known_from,
                "live_to": live_to, "recorded_at": known_from, "label": "", "subkind": "", "born": float("nan"), "latitude": float("nan"),
                "longitude": float("nan"),
            }
        )  # fmt: skip


def _say_why(dice: random.Random, claims: list[Row]) -> None:
    """Some of those involved said why, or that a conversation was held, which tells no more."""
    for row in claims:
        said = (
            dice.choice((0, HELD, HELD | 1, HELD | 1, HELD | 3, HELD | 1 << 13)) if row["type"] == "INVOLVED_IN" else 0
        )
        row["factors"] = said


def random_world(seed: int, claims: int, kinds: tuple[str, ...] = KINDS, types: tuple[str, ...] = TYPES) -> World:
    """
    Make a world of a few subjects of each kind, with copies, corrections, withdrawals, and sights and clocks on every row.

    Everything follows from `seed`: a world drawn value by value is nearly always too thin to tell one rule from another.
    """
    dice = random.Random(seed)
    # Keys are shuffled against positions, so that an answer that goes by position is found out.
    letters = dice.sample([f"{i:02d}" for i in range(len(kinds))], len(kinds))
    subjects = [subject(letter, kind) for letter, kind in zip(letters, kinds, strict=True)]
    reports = _random_reports(dice)
    by_key = {row["key"]: row["kind"] for row in subjects}
    mentions: list[Row] = []
    for key, kind in by_key.items():
        for _ in range(dice.randrange(3)):
            mentions.append(_random_mention(dice, key, kind, reports, len(mentions)))
    rows: list[Row] = []
    for at in range(claims):
        kind = dice.choice(types)
        fitting = [(a, b) for a in by_key for b in by_key if a != b and ends_fit(kind, by_key[a], by_key[b])]
        a, b = dice.choice(fitting)
        known_from, live_to = dice.choice(_CLOCKS)
        row = {
            "claim_id": f"t/{at:02d}", "a": a, "b": b, "type": kind, "role": dice.choice(ROLES.get(kind, ("",))),
            "report": dice.choice(reports)["key"], "event_id": dice.choice(("", "", "e1", "e2")),
            "sight": dice.choice(_SIGHTS), "known_from": known_from, "live_to": live_to, "recorded_at": known_from,
            **_times(dice), "seconds": dice.choice((float("nan"), 20.0, 300.0)),
        }  # fmt: skip
        rows.append(row)
        if live_to < FAR_FUTURE_MS and dice.random() < 0.5:  # corrected: the same claim again, with a life of its own
            rows.append({**row, **_times(dice), "known_from": live_to, "live_to": FAR_FUTURE_MS})
    dice.shuffle(rows)
    _say_why(random.Random(seed + 2), rows)
    _decide_a_hub(random.Random(seed + 1), list(by_key), reports, mentions)
    return World(subjects, reports, mentions, rows)


@st.composite
def cases(draw: st.DrawFn, claims: int = 45, kinds: tuple[str, ...] = KINDS, types: tuple[str, ...] = TYPES) -> Case:
    """Draw a world of up to so many claims, the sights open to a viewer, and a moment as known at."""
    seed, size = draw(st.integers(0, 2**32)), draw(st.integers(0, claims))
    sights = draw(st.sets(st.sampled_from(SECRET)))
    moment = draw(st.sampled_from((10_000, 10_000, 10, 7, 6, 5, 0, -1)))
    return Case(random_world(seed, size, kinds, types), tuple(sorted(sights)), START + moment * HALF_HOUR, (seed, size))
