"""
The leak test, whole: what a viewer is answered equals what they would be answered had the hidden claims never been.

Random small bundles go into a real Neo4j twice: as they are, and without what the viewer may not see (and the subjects that only that touches).
Every question is asked of both, by reference, since uids are random.
"""

import datetime as dt
import json
import random
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

import pytest

from graph_service.access import personas
from graph_service.bootstrap import Service
from graph_service.errors import NotFoundError
from queries.catalogue import questions
from queries.errors import ParameterError
from queries.sight import sight_for
from queries.vocabulary import CLAIM_TYPES, PERSON_KINDS, ends_fit

Rows = list[dict[str, str]]
KINDS = [
    "child",
    "child",
    "child",
    "adult",
    "person",
    "location",
    "location",
    "incident",
    "incident",
    "vehicle",
    "group",
]
ROLES = {
    "INVOLVED_IN": ["missing", "missing", "located", "present"],
    "AT": ["occurred", "missing_from", "found_at", "last_seen"],
}
HELD = {p.account: p.held for p in personas()}
START = dt.datetime(2026, 3, 2, 18, tzinfo=dt.UTC)
KNOWN_AT = START + dt.timedelta(days=24)


Given = dict[str, str]


def of_each(refs: dict[str, str], _: list[str]) -> Iterator[Given]:
    """Every subject, whatever it is."""
    yield from ({"subject": named(ref)} for ref in sorted(refs))


def of_people(**more: str) -> "Cases":
    """The first few people."""
    return lambda _, people: ({"subject": named(ref), **more} for ref in people[:3])


def once(*given: Given) -> "Cases":
    """What names no subject."""
    return lambda _, __: given


def named(ref: str) -> str:
    return f"ref:small/{ref}"


Cases: TypeAlias = Callable[[dict[str, str], list[str]], Iterable[Given]]
_LAYERS = ("missing_from", "last_seen", "found_at")
# Every question of the catalogue, with what it is asked: a new question needs a line here.
_WAYS: tuple[dict[str, str], ...] = (
    {"method": "ranked"}, {"method": "gi"}, {"count": "children"}, {"method": "gi", "by": "lsoa"}, {"method": "density"},
    {"method": "clusters", "min_events": "1"}, {"method": "scan"}, {"method": "emerging"},
)  # fmt: skip
CASES: dict[str, Cases] = {
    "people.profile": of_each,
    "people.timeline": of_each,
    "peers.network": of_people(hops="2"),
    "peers.groups": once({"also_by_chance": "true"}),
    "peers.measures": lambda _, people: [{"subject": named(one)} for one in people[:1]] or [{}],
    "peers.change": lambda _, __: [{"from": (START + dt.timedelta(days=9)).isoformat(), "days": "9"}],
    "episodes.co_missing": once({"min_overlap_minutes": "0", "within_hours": "24"}),
    "places.hotspots": once(*({"layer": layer, **way} for layer in _LAYERS for way in _WAYS)),
    "places.hours": once(*({"layer": layer} for layer in _LAYERS)),
    "places.compared": once(*({"layer": layer, "from": "2026-03-12", "to": "2026-03-22"} for layer in _LAYERS)),
    "links.between": lambda _, people: (
        {"a": named(one), "b": named(other), "inferred": "true"} for one in people[:3] for other in people[-3:]
    ),
    "contexts.people_present": of_each,
    "contexts.converging": once({"least_reports": "2"}, {"least_reports": "2", "window_weeks": "1"}),
    "reports.evidence": once({"claims": ",".join(f"small/c{n}" for n in range(26))}),
}


def moment(rng: random.Random) -> str:
    return (START + dt.timedelta(hours=6 * rng.randrange(0, 120))).isoformat().replace("+00:00", "Z")


def random_bundle(seed: int) -> tuple[Rows, Rows, Rows]:
    rng = random.Random(seed)
    subjects = []
    for number in range(12):
        kind = rng.choice(KINDS)
        row = {"ref": f"s{number}", "kind": kind, "label": f"Invented {number}"}
        row["subkind"] = {"incident": "missing_episode", "location": "place"}.get(kind, "")
        if kind == "location":
            row |= {"latitude": f"{50.79 + number / 500:.4f}", "longitude": "-1.08"}
        subjects.append(row)
    reports = [
        {
            "report_ref": f"r{number}",
            "kind": "cpi",
            "agency": rng.choice(["police", "social_care", "education", "youth"]),
            "submitted_at": moment(rng),
            "source_eval": rng.choice("123"),
            "info_eval": rng.choice("ABCDE"),
            "scheme": "3x5x2",
            "handling": rng.choice(["P", "P", "P", "C", ""]),
            "conditions": rng.choice(["", "", "originator", "A1", "made-up"]),
            "copied_from": f"r{rng.randrange(number)}" if number and rng.random() < 0.3 else "",
            "text": f"Invented text {number}.",
        }
        for number in range(7)
    ]
    named = [
        {**rng.choice(subjects), "label": f"Other name {n}", "report_ref": f"r{rng.randrange(7)}"} for n in range(6)
    ]
    claims: Rows = []
    while len(claims) < 26:
        a, b, kind = rng.choice(subjects), rng.choice(subjects), rng.choice(sorted(CLAIM_TYPES))
        if a is not b and ends_fit(kind, a["kind"], b["kind"]) and kind != "AFFECTED_BY":
            known = rng.random() < 0.8
            claims.append(
                {
                    "claim_ref": f"c{len(claims)}",
                    "report_ref": f"r{rng.randrange(7)}",
                    "from_ref": a["ref"],
                    "to_ref": b["ref"],
                    "type": kind,
                    "role": rng.choice(ROLES.get(kind, [""])),
                    "happened_from": moment(rng) if known else "",
                    "recorded_at": moment(rng) if rng.random() < 0.5 else "",
                    "withdrawn_at": "2026-03-20T00:00:00Z" if rng.random() < 0.1 else "",
                }
            )
    why = random.Random(f"why {seed}")
    for report in reports:
        report["kind"] = why.choice(("cpi", "return_conversation"))
    for row in claims:
        if row["type"] == "INVOLVED_IN" and why.random() < 0.7:
            row["attributes"] = json.dumps(
                {"push_factors": [why.choice(("bullied", "loss"))], "pull_factors": ["food"]}
            )
    return [*subjects, *named], reports, claims


def seen_by(who: str, bundle: tuple[Rows, Rows, Rows]) -> tuple[Rows, Rows, Rows]:
    """Take out, in plain Python, what this persona may not see as known at `KNOWN_AT`, and the subjects that only that touches."""
    subjects, reports, claims = bundle
    by_ref = {report["report_ref"]: report for report in reports}

    def is_open(report: dict[str, str]) -> bool:
        conditions = [c for c in report["conditions"].split(";") if c]
        return sight_for(report["handling"], conditions, report["agency"]).opened_by(HELD[who])

    def known(text: str) -> bool:
        return dt.datetime.fromisoformat(text) <= KNOWN_AT

    kept = [
        claim
        for claim in claims
        if is_open(by_ref[claim["report_ref"]])
        and known(claim["recorded_at"] or by_ref[claim["report_ref"]]["submitted_at"])
        and not (claim["withdrawn_at"] and known(claim["withdrawn_at"]))
    ]
    mentions = [
        row
        for row in subjects
        if row.get("report_ref")
        and is_open(by_ref[row["report_ref"]])
        and known(by_ref[row["report_ref"]]["submitted_at"])
    ]
    ends = ("from_ref", "to_ref")
    named = {claim[end] for claim in claims for end in ends}
    touched = {claim[end] for claim in kept for end in ends} | {row["ref"] for row in mentions}
    unreported = [
        row for row in subjects if not row.get("report_ref") and (row["ref"] in touched or row["ref"] not in named)
    ]
    return [*unreported, *mentions], reports, kept


def answers(service: Service, who: str, refs: dict[str, str], known_at: dt.datetime) -> dict[str, Any]:
    """Ask everything and give the answers with references in place of uids."""
    viewer = service.viewer(who, "")

    def ask(name: str, **parameters: str) -> Any:
        try:
            return plain(service.questions.ask(viewer, name, parameters, as_known_at=known_at)["rows"])
        except (NotFoundError, ParameterError) as error:  # what is not answered must be refused alike
            return str(error)

    graph = service.graphs.of(viewer, known_at)
    by_uid = {uid: subject.ref or "" for subject in graph.subjects for uid in subject.members}

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items() if k not in {"uid", "report"}}
        if isinstance(value, list):
            return [plain(item) for item in value]
        return by_uid.get(value, value) if isinstance(value, str) else value

    people = sorted(ref for ref, kind in refs.items() if kind in PERSON_KINDS)
    found: dict[str, Any] = {
        f"{name} {sorted(given.items())}": ask(name, **given)
        for name, cases in CASES.items()
        for given in cases(refs, people)
    }
    found["find"] = sorted(
        str(plain(service.finder.find(viewer, text, as_known_at=known_at))) for text in ("Invented", "Other name 3")
    )
    return found


@pytest.mark.parametrize("who", ["satellite", "coordinator", "intelligence"])
@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(n, marks=pytest.mark.nightly) for n in range(3, 15))])
def test_hidden_claims_change_no_answer(
    service: Service, start_again: Callable[[], None], bring_in: Callable[..., dict[str, object]], who: str, seed: int
) -> None:
    bundle = random_bundle(seed)
    refs = {row["ref"]: row["kind"] for row in bundle[0]}
    bring_in(*bundle)
    whole = answers(service, who, refs, KNOWN_AT)
    start_again()
    bring_in(*seen_by(who, bundle))
    never = answers(service, who, refs, KNOWN_AT)
    assert whole.keys() == never.keys()
    for question in whole:
        assert whole[question] == never[question], question


def test_every_question_is_asked_of_both() -> None:
    assert set(CASES) == set(questions()), "a question has no case in CASES, or a case no question"
    refs = {"s0": "child", "s1": "adult", "s2": "location"}
    assert all(list(cases(refs, ["s0", "s1"])) for cases in CASES.values())
