"""
A canned service at the seam of the pages: invented people, real shapes, no store.

`FakeService()` is a full city, `FakeService(empty=True)` one in which nothing was reported yet, and `down` raises what it is given on
every reading, as when the store or the audit trail does not answer.
"""

# A fake has the parameters of what it stands in for, used or not.
# ruff: noqa: ARG002, ARG005

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, BinaryIO

from fake_contexts import FakeContexts
from fake_instruments import FakeInstruments
from fake_proposals import FakeProposals
from starlette.testclient import TestClient

from graph_service.access import Action, Viewer, personas
from graph_service.disclosure import initials
from graph_service.errors import ConflictError, NotFoundError, NotPermittedError
from graph_service.pathway.harms import tells_harm
from graph_service.web.seam import Envelope, Row
from ingest.errors import IngestError
from queries.catalogue import question, questions
from queries.errors import ParameterError, TooManyError

ADDRESS = "http://127.0.0.1:8000"
FROM_HERE = {"Sec-Fetch-Site": "same-origin"}  # what a browser says of our own forms
Rows = list[Row]
ClientWith = Callable[..., TestClient]

NOW = "2026-11-18T09:00:00Z"
FIRST_NAMES = (
    *("Ana", "Ben", "Cara", "Dev", "Esme", "Finn", "Gwen", "Hari", "Ines", "Jude", "Kit", "Lena", "Milo"),
    *("Nora", "Omar", "Poppy", "Quinn", "Rosa", "Sami", "Tess", "Uma", "Vik", "Wren", "Xan", "Yara", "Zed"),
)


def subject(uid: str, kind: str, label: str, ref: str | None = None) -> Row:
    return {"uid": uid, "kind": kind, "label": label} | ({"ref": ref} if ref else {})


PEERS = [subject(f"child-{n}", "child", f"{name} Exampleby", f"city/P{n}") for n, name in enumerate(FIRST_NAMES)]
ANA = PEERS[0]
KIA = subject("adult-kia", "adult", "Adult Unknown in a white Kia", "city/U1")
AUNT = subject("adult-aunt", "adult", "Marta Exampleby", "city/A1")
UNKNOWN_AGE = subject("person-jay", "person", "Jay", "city/J1")
PARK = subject("place-park", "location", "Demonstration Park", "city/L1")
ARCADE = subject("place-arcade", "location", "Example Arcade", "city/L2")
SCHOOL = subject("place-school", "location", "Example Academy", "city/L3")
CAR = subject("vehicle-kia", "vehicle", "White Kia, part plate XX26", "city/V1")
EPISODE = subject("episode-1", "incident", "Missing episode 1", "city/E1")
GROUP = subject("group-1", "group", "Group named by a youth worker", "city/G1")
BUS_STOP = subject("context-stop", "context", "Arcade bus stop")
EVERYTHING = {
    row["uid"]: row for row in [*PEERS, KIA, AUNT, UNKNOWN_AGE, PARK, ARCADE, SCHOOL, CAR, EPISODE, GROUP, BUS_STOP]
}
HIDDEN = "adult-hidden"  # is in the graph, and not to be seen by anyone here

REPORT_TEXT = (
    "Ana Exampleby was seen getting out of a white Kia by the arcade.\nShe said that the driver, whom she does not know by name, "
    "had offered to take her home. <script>alert('from a report')</script>"
)


def claims(*names: str) -> list[str]:
    return [f"city/{name}" for name in names]


def network() -> list[Row]:
    """Give links of many kinds, tones and strengths, and one with a single report."""
    rows = [
        _link(ANA, KIA, {"suspected_of_exploiting": (2, 3), "vehicle": (2, 2)}, "C1", "C2", "C3"),
        _link(ANA, AUNT, {"knows_strength": (4, 2)}, "C4", "C5"),
        _link(ANA, UNKNOWN_AGE, {"seen_with": (1, 1)}, "C6"),
        _link(KIA, UNKNOWN_AGE, {"knows_concern": (1, 1)}, "C7"),
    ]
    rows += [_link(ANA, peer, {"incident": (n % 4 + 1, n % 3 + 1)}, f"D{n}") for n, peer in enumerate(PEERS[1:16], 1)]
    rows += [_link(PEERS[n], PEERS[n + 1], {"knows_neutral": (1, n % 4 + 1)}, f"F{n}") for n in range(1, 15, 2)]
    return rows


def _link(a: Row, b: Row, kinds: Mapping[str, tuple[int, int]], *evidence: str) -> Row:
    counted = {kind: {"events": e, "reports": r, "weight": float(e)} for kind, (e, r) in kinds.items()}
    # Of the adult in the car it is known how much older he is than Ana; of nobody else.
    ages = {"b_older_by_years": 14 if (a, b) == (ANA, KIA) else None} if tells_harm(kinds) else {}
    return {"a": a, "b": b, "kinds": counted, **ages, "evidence": claims(*evidence)}


def peer_groups() -> list[Row]:
    """Give a few groups: two that share a child, one on its own, and an adult of concern and a safe one beside them."""
    chosen = (PEERS[:6], [*PEERS[5:9], UNKNOWN_AGE], PEERS[12:15])
    beside = [
        {
            "person": KIA,
            "members": 3,
            "kinds": ["suspected_of_exploiting"],
            "evidence": claims("C1", "C2"),
            "older_by_years": {"least": 13, "most": 15, "known": 2},
        },
        {"person": AUNT, "members": 2, "kinds": ["knows_strength"], "evidence": claims("C4")},
    ]
    return [
        {
            "group": n, "members": members, "stability": (0.91, 0.7, 0.44)[n - 1], "resolution": 0.5, "resolutions": [0.0625, 1.3],
            "by_chance": 0.001 * n, "kinds": {"seen_with": 9, "knows_strength": 2}, "reports": 14 - n,
            "overlap": [PEERS[5]] if n < 3 else [], "beside": beside if n == 1 else [],
            "caveat": "Some of its people are as much part of another group." if n < 3 else "", "evidence": claims(f"D{n}", f"D{n}b"),
        }
        for n, members in enumerate(chosen, 1)
    ]  # fmt: skip


def peer_measures() -> list[Row]:
    return [
        {
            "person": person, "links": 9 - n, "strength": 12.5 - n, "broker": 0.31 - n / 20, "core": 3, "component": 1, "component_size": 15,
            "bridges": [AUNT] if n == 0 else [], "steps": None, "evidence": claims(f"M{n}"),
        }
        for n, person in enumerate([PEERS[5], ANA, UNKNOWN_AGE, PEERS[2]])
    ]  # fmt: skip


def peer_changes() -> list[Row]:
    link = {"of": "link", "a": ANA, "b": PEERS[3], "before": 0.0, "after": 1.0, "kinds": ["seen_with"]}
    return [
        {
            "of": "group", "what": "changed", "members": PEERS[:6], "joined": [PEERS[5]], "left": [PEERS[9]], "likeness": 0.71,
            "sentence": "1 person joined and 1 left a group now of 6.", "evidence": claims("D1"),
        },
        {**link, "what": "new", "sentence": "Ana Exampleby and Dev Exampleby: newly linked.", "evidence": claims("N1")},
    ]  # fmt: skip


def timeline() -> list[Row]:
    def row(day: str, hours: int, recorded: str, what: str, claim: str, kind: str, role: str, *who: Row) -> Row:
        start = dt.datetime.fromisoformat(day)
        end = start + dt.timedelta(hours=hours)
        return {
            "happened_from": start.isoformat().replace("+00:00", "Z"),
            "happened_to": end.isoformat().replace("+00:00", "Z"),
            "recorded_at": recorded,
            "what": what,
            "evidence": claims(claim),
            "type": kind,
            "role": role,
            "time_known": "exact",
            "subjects": list(who),
        }

    involved, found = "Ana Exampleby was involved in Missing episode", "Missing episode 3: found at Example Arcade"
    untimed = row(
        "2026-09-01T00:00:00Z",
        0,
        "2026-09-20T12:00:00Z",
        "Ana Exampleby attends Example Academy",
        "T5",
        "ATTENDS",
        "",
        ANA,
        SCHOOL,
    )
    return [
        row("2026-11-14T21:30:00+00:00", 9, "2026-11-15T08:00:00Z", f"{involved} 3 (missing)", "T1", "INVOLVED_IN", "missing", ANA, EPISODE),
        row("2026-11-14T23:10:00+00:00", 0, "2026-11-17T10:00:00Z", found, "T2", "AT", "found_at", EPISODE, ARCADE),
        row("2026-10-30T19:00:00+00:00", 3, "2026-10-31T09:00:00Z", f"{involved} 2 (missing)", "T3", "INVOLVED_IN", "missing", ANA, EPISODE),
        row("2026-10-02T20:15:00+01:00", 0, "2026-11-10T12:00:00Z", "Ana Exampleby was seen at Demonstration Park", "T4", "SEEN_AT", "", ANA, PARK),
        {**untimed, "happened_from": None, "happened_to": None, "time_known": "unknown"},
    ]  # fmt: skip


def routes() -> list[Row]:
    def hop(
        a: Row, b: Row, kind: str, grade: str, *names: str, inferred: bool = False, denied: tuple[str, ...] = ()
    ) -> Row:
        return {
            "from": a, "to": b, "type": kind, "types": [kind], "claims": claims(*names), "weakest_grade": grade,
            "inferred": inferred, "denied_by": list(denied),
        }  # fmt: skip

    return [
        {
            "length": 2,
            "hops": [
                hop(PEERS[1], PARK, "SEEN_AT", "2-C-P", "H1", "H2"),
                hop(PARK, KIA, "SEEN_AT", "1-B-P", "H3", denied=("city/H9",)),
            ],
            "weakest_grade": "2-C-P",
            "latest": "2026-11-12T20:00:00Z",
            "sentence": "Ben Exampleby was seen at Demonstration Park (2 reports), where Adult Unknown in a white Kia was seen (1 report).",
        },
        {
            "length": 3,
            "hops": [
                hop(PEERS[1], ANA, "KNOWS", "1-A-P", "H4"),
                hop(ANA, CAR, "USES", "ungraded", "H5"),
                hop(CAR, KIA, "USES", "2-D-P", "H6", inferred=True),
            ],
            "weakest_grade": "ungraded",
            "latest": None,
            "sentence": "Ben Exampleby knows Ana Exampleby, who was in White Kia, part plate XX26, which Adult Unknown in a white Kia uses.",
        },
    ]


def co_missing(parameters: Mapping[str, Any]) -> list[Row]:
    """One pair more often than chance, one not, and one near miss when asked for; too many when all time is asked for at once."""
    if parameters.get("from") == "1900-01-01":
        raise TooManyError("from", "too many children were missing at the same time; ask about a shorter period")
    meetings: Rows = [
        {
            "episodes": [f"episode-{n}a", f"episode-{n}b"], "since": f"2026-0{n}-06T19:30:00Z", "at_once": 2 + n,
            "a": {"from": f"2026-0{n}-06T18:00:00Z", "to": f"2026-0{n}-07T01:00:00Z"},
            "b": {"from": f"2026-0{n}-06T19:30:00Z", "to": None if n == 6 else f"2026-0{n}-07T02:00:00Z"},
        }
        for n in range(1, 7)
    ]  # fmt: skip
    six = [uid for meeting in meetings for uid in meeting["episodes"]]
    pairs = [meeting["episodes"] for meeting in meetings]
    row = {
        "a": ANA, "b": PEERS[1], "observed": 6, "expected": 1.24, "q_value": 0.0004, "episodes": pairs, "occasions": 6,
        "weight": 2.1, "expected_smooth": 1.1, "tail": 0.0189, "near_misses": [], "meetings": meetings,
        "sentence": "6 episodes at the same time, 4 on a Tuesday evening. By chance about 1.2 would be expected.",
        "patterns": [
            {"text": "6 episodes at the same time", "count": 6, "episodes": six},
            {"text": "4 on a Tuesday evening", "count": 4, "episodes": six[:8]},
            {"text": "twice both found at <b>Invented Park</b>", "count": 2, "episodes": six[:4]},
        ],
        "evidence": claims("M1", "M2"),
    }  # fmt: skip
    other = {
        **row, "b": PEERS[2], "observed": 1, "expected": 0.04, "q_value": 1.0, "episodes": pairs[:1], "meetings": meetings[:1],
        "occasions": 1,
        "sentence": "1 episode at the same time, on a Tuesday evening. By chance fewer than 0.1 would be expected.",
        "patterns": [
            {"text": "1 episode at the same time", "count": 1, "episodes": six[:2]},
            {"text": "once both found at Example Arcade", "count": 1, "episodes": six[:2]},
        ],
    }  # fmt: skip
    near = {
        **row, "b": PEERS[3], "observed": 0, "expected": None, "q_value": None, "episodes": [], "meetings": [],
        "sentence": "Never missing at the same time. Once within 2 hours of one another, not at the same time.",
        "near_misses": [{"episodes": pairs[0], "gap_minutes": 95, "together": []}],
    }  # fmt: skip
    return [row, other, *([near] if str(parameters.get("within_hours", "0")) not in {"", "0"} else [])]


def left_out_of_links(parameters: Mapping[str, Any]) -> list[str]:
    """Say what the service says when filters leave something out, and when nothing is found."""
    told = []
    if parameters.get("weakest") or parameters.get("relations"):
        told.append(
            "Left out by your own filters: without them there would be 2 routes, the shortest of 2 hops. "
            "Of the claims on those, they leave out by grade 2 claims (city/H1, city/H2)."
        )
    if parameters.get("weakest") == "A":
        told.append(
            "Searched: routes of up to 4 hops by what you may see; nothing graded weaker than A. No way joins them."
        )
    return told


def hotspots(parameters: Mapping[str, Any]) -> list[Row]:
    places = (ARCADE, PARK, SCHOOL)
    counts = ((31, 14, 22, 3), (12, 9, 11, 2), (None, None, None, 1))
    rows = []
    method = parameters.get("method")
    span = {"first": "2026-06-01T20:00:00Z", "last": "2026-08-03T02:00:00Z"}
    more: dict[str, Row] = {
        "density": {"per_km2": 41.7, "within_metres": 400.0},
        "clusters": {**span, "radius_metres": 140, "places": [ARCADE, PARK], "usual": 3.25, "by_chance": 0.0012},
        "scan": {**span, "radius_metres": 0, "places": [ARCADE], "observed": 31, "expected": 9.4, "p_value": 0.001},
        "emerging": {"class": "growing", "windows": [0, 2, 5, 9, 15], "windows_hot": 2, "hot_now": True},
    }
    for n, (place, (events, children, reports, agencies)) in enumerate(zip(places, counts, strict=True)):
        named: Row = {"cell": f"SZ 64{n} 995"} if method in ("gi", "density", "clusters") else {"place": place}
        named |= more.get(str(method), {})
        figures = {"events": events, "children": children, "reports": reports, "agencies": agencies}
        rows.append(
            {**named, **figures, "z": 3.1 - n, "q_value": 0.002 * (n + 1), "evidence": claims(f"S{n}", f"S{n}b")}
        )
    return rows


def hours(parameters: Mapping[str, Any]) -> list[Row]:
    cells = (("Monday", 18, 3), ("Friday", 22, 11), ("Saturday", 0, 7))
    return [
        {"weekday": day, "from_hour": hour, "to_hour": hour + 1, "events": n, "children": 2, "reports": 2, "evidence": claims(f"W{hour}")}
        for day, hour, n in cells
    ]  # fmt: skip


def compared(parameters: Mapping[str, Any]) -> list[Row]:
    whole: Row = {
        "place": None, "from": "2026-08-18T23:00:00Z", "to": NOW, "previous_from": "2026-05-19T23:00:00Z", "previous_to": "2026-08-18T23:00:00Z",
        "before": 12, "after": 31, "ratio": 2.58, "low": 1.3, "high": None, "p_value": 0.004, "children_before": 5, "children_after": 14,
        "sentence": "31 events, against 12 in the period before.", "q_value": None, "evidence": claims("S0"),
    }  # fmt: skip
    return [
        whole,
        {**whole, "place": ARCADE, "q_value": 0.0004},
        {**whole, "place": PARK, "ratio": None, "high": 4.2, "q_value": 0.4},
    ]


def evidence(parameters: Mapping[str, Any]) -> list[Row]:
    return [
        {
            "claim": claim, "report": f"report-{n % 2 + 1}", "agency": ("police", "social_care")[n % 2], "grade": ("2-C-P", "ungraded")[n % 2],
            "handling": ("P", "C")[n % 2], "happened_from": "2026-11-14T23:10:00Z", "recorded_at": f"2026-11-1{5 + n % 2}T08:00:00Z",
            "text": REPORT_TEXT if n % 2 == 0 else None, "kind": ("sighting", "cpi")[n % 2],
        }
        for n, claim in enumerate(part for part in parameters["claims"].split(",") if part)
    ]  # fmt: skip


ANSWERS: dict[str, Callable[[Mapping[str, Any]], list[Row]]] = {
    "people.profile": lambda given: [
        {
            "subject": EVERYTHING[given["subject"]],
            "attributes": {"kind": "child", "date_of_birth": "2011-05-02", "looked_after": "yes", "school": "Example Academy"},
            "aliases": ["Annie", "A. Exampelby"],
            "claims": {"INVOLVED_IN": 6, "KNOWS": 4, "SEEN_WITH": 3, "SUSPECTED_OF_EXPLOITING": 2},
            "contexts": [{"context": place, "claims": 2, "evidence": claims("X1", "X2")} for place in (ARCADE, PARK, SCHOOL, GROUP)],
            "evidence": claims("C1", "C2", "T1", "T2"),
        }
    ],
    "people.timeline": lambda given: timeline() if not given.get("from") else [],
    "peers.network": lambda given: network(),
    "peers.groups": lambda given: peer_groups(),
    "peers.measures": lambda given: peer_measures(),
    "peers.change": lambda given: peer_changes(),
    "episodes.co_missing": co_missing,
    "places.hotspots": hotspots,
    "places.hours": hours,
    "places.compared": compared,
    "links.between": lambda given: [] if given.get("weakest") == "A" else routes(),
    "contexts.people_present": lambda given: [
        {"person": person, "events": 5 - n, "reports": 3, "last_recorded": NOW, "evidence": claims(f"Y{n}")}
        for n, person in enumerate([ANA, PEERS[1], KIA])
    ],
    "reports.evidence": evidence,
}  # fmt: skip


def _named(value: Any, name: Callable[[str], str]) -> Any:
    if isinstance(value, list):
        return [_named(item, name) for item in value]
    if not isinstance(value, dict):
        return value
    if {"uid", "kind", "label"} <= value.keys():
        return {**value, "label": name(value["label"])} if value["kind"] == "child" else value
    return {key: _named(item, name) for key, item in value.items()}


class FakeService:
    """Everything that the pages reach, in memory."""

    live = False

    def __init__(self, *, empty: bool = False, down: Exception | None = None) -> None:
        self.empty, self.down = empty, down
        self.asked: list[tuple[str, dict[str, Any], dt.datetime | None]] = []
        self.questions = self.accounts = self.audit = self.imports = self.maps = self.health = self.repeats = self
        self.shown_as: list[tuple[str, str]] = []
        self.sessions: dict[str, Viewer] = {}
        self.kept: dict[str, tuple[str, str]] = {}
        self.contexts = FakeContexts(empty=empty, down=down)
        self.proposals = FakeProposals(empty=empty, down=down)
        self.instruments = FakeInstruments(self._open, empty=empty)
        self.uploaded: list[tuple[str, bytes, bool, bool]] = []

    # ---- accounts

    def personas(self) -> list[Row]:
        return [
            {
                "who": p.account,
                "name": p.name,
                "agency": p.agency,
                "role": str(p.role),
                "purpose": p.purpose,
                "job": p.job,
            }
            for p in personas()
        ]

    def purposes(self) -> list[Row]:
        return [
            {"code": "weekly-meeting", "meaning": "Preparing the weekly meeting"},
            {"code": "analysis", "meaning": "Analysis"},
        ]

    def statement(self) -> tuple[str, ...]:
        return ("Look only at what you need for the purpose that you chose.", "Everything that you open is recorded.")

    def sign_in(
        self, who: str, password: str | None, *, purpose: str, accepted_statement: bool, source: str = ""
    ) -> str:
        persona = next((p for p in personas() if p.account == who), None)
        if persona is None or password is not None or not accepted_statement:
            raise NotPermittedError
        token = f"token-{len(self.sessions)}-{who}"
        self.sessions[token] = Viewer(who, persona.name, persona.agency, persona.role, persona.held, purpose)
        return token

    def sign_out(self, token: str) -> None:
        self.sessions.pop(token, None)

    def viewer_of(self, token: str, *, source: str = "") -> Viewer:
        if token not in self.sessions:
            raise NotPermittedError
        return self.sessions[token]

    viewer_of_bearer = viewer_of

    def keep_known_at(self, token: str, moment: dt.datetime | None) -> None:
        self.sessions[token] = replace(self.sessions[token], known_at=moment)

    # ---- questions

    def catalogue(self) -> list[Row]:
        return [
            {
                "name": q.name, "version": q.version, "meaning": q.meaning, "source": q.source, "text": q.text, "caveats": list(q.caveats),
                "parameters": [
                    {"name": p.name, "type": p.type, "default": p.default, "required": p.default is None, "meaning": p.meaning}
                    for p in q.parameters
                ],
            }
            for q in questions().values()
        ]  # fmt: skip

    def ask(
        self, viewer: Viewer, name: str, parameters: Mapping[str, str], *, as_known_at: dt.datetime | None
    ) -> Envelope:
        asked = question(name)
        self._reading()
        self.asked.append((name, dict(parameters), as_known_at))
        if not viewer.may(Action.ASK_QUESTION, question=name, record_level=asked.record_level, own_pupil=True):
            raise NotPermittedError
        for parameter in asked.parameters:
            if parameter.default is None and not parameters.get(parameter.name):
                raise ParameterError(parameter.name, "must be given")
            if parameter.type == "subject" and parameters.get(parameter.name):
                self._subject(parameters[parameter.name])
        rows = [] if self.empty and name != "people.profile" else ANSWERS[name](parameters)
        if self.empty and rows:
            rows = [
                {
                    **rows[0],
                    "attributes": {"kind": "child"},
                    "aliases": [],
                    "claims": {},
                    "contexts": [],
                    "evidence": [],
                }
            ]
        shown = {p.name: parameters.get(p.name) or p.default for p in asked.parameters}
        return {
            "question": {"name": name, "version": asked.version, "meaning": asked.meaning, "source": asked.source},
            "parameters": shown, "asked_by": viewer.account, "purpose": viewer.purpose,
            "as_known_at": as_known_at.isoformat().replace("+00:00", "Z") if as_known_at else NOW,
            "answered_at": NOW, "rows": rows,
            "caveats": [*asked.caveats, *(left_out_of_links(parameters) if name == "links.between" else ())],
        }  # fmt: skip

    def once(self, viewer: Viewer, key: str, question: str, request: str, act: Callable[[], str]) -> str:
        if key in self.kept:
            if self.kept[key][0] != question + request:
                raise ConflictError
            return self.kept[key][1]
        answer = act()
        self.kept[key] = (question + request, answer)
        return answer

    def done_once(self, viewer: Viewer, key: str, what: str, request: str, act: Callable[[str], str]) -> str:
        return self.once(viewer, key, what, request, lambda: act(key))

    # ---- the rest

    def find(self, viewer: Viewer, text: str) -> list[Row]:
        self._reading()
        found = [row for row in EVERYTHING.values() if text.lower() in row["label"].lower() or text == row["uid"]]
        return [] if self.empty else [{**row, "because": "the name is alike"} for row in found]

    def subject(self, viewer: Viewer, uid: str) -> Row:
        self._reading()
        return self._subject(uid)

    def labelled(self, viewer: Viewer, answer: Envelope, mode: str) -> Envelope:
        self.shown_as.append((answer["question"]["name"], mode))
        name = initials if mode == "initials" else (lambda label: "Child X") if mode == "pseudonyms" else str
        return {**answer, "rows": _named(answer["rows"], name)}

    def report(self, viewer: Viewer, uid: str) -> Row:
        self._reading()
        if uid not in ("report-1", "report-2"):
            raise NotFoundError
        return {
            "uid": uid, "kind": "sighting", "agency": "police", "grade": "2-C-P", "handling": "P", "recorded_at": NOW,
            "submitted_at": NOW, "parts": [{"part": "original", "text": REPORT_TEXT}],
            "mentions": [{"label": "Ana Exampleby", "subject": ANA}, {"label": "a white Kia", "subject": CAR}],
            "claims": [{"claim": "city/T2", "what": "Missing episode 3: found at Example Arcade", "happened_from": NOW, "happened_to": NOW}],
            "copies": [] if self.empty else [{"report": "report-2", "agency": "social_care", "recorded_at": NOW}],
        }  # fmt: skip

    def today(self, viewer: Viewer) -> Row:
        self._reading()
        if viewer.role == "school":
            return {"own_pupils": [] if self.empty else [{"person": ANA, "state": "missing now", "since": NOW}]}
        missing = [] if self.empty else [{"person": ANA, "since": "2026-11-17T22:30:00Z", "evidence": claims("T1")}]
        fresh = [] if self.empty else [{"source": "police: ppn1", "latest": NOW, "rows": 1604}]
        contexts = self.contexts.list(viewer)
        due = {"what": "Mend the lamp", "lead": "Highways", "by": "2026-11-10", "state": "under way"}
        work = (
            {"contexts": contexts, "actions": [{**due, "context": contexts[0]}], "today": NOW[:10]} if contexts else {}
        )
        work["proposals"] = self.proposals.list(viewer) if viewer.role == "coordinator" else []
        return work | {
            "missing_now": missing, "located": [], "freshness": fresh,
            "counts": {"missing now": len(missing), "located in the last 7 days": 0, "submissions to grade": None},
        }  # fmt: skip

    def upload(
        self, viewer: Viewer, kind: str, name: str, content: BinaryIO, *, dry_run: bool, accept_good_rows: bool
    ) -> str:
        if not viewer.may(Action.INGEST):
            raise NotPermittedError
        if kind == "bundle":
            raise ParameterError("kind", "choose one of missing, cpi")
        if not name.endswith(".csv"):
            raise IngestError("choose a CSV file")
        self.uploaded.append((kind, content.read(), dry_run, accept_good_rows))
        return "run-1"

    def get(self, viewer: Viewer, run: str) -> Row:
        found = next((row for row in self.list(viewer) if row["id"] == run), None)
        if found is None:
            raise NotFoundError
        return found

    def list(self, viewer: Viewer) -> Rows:
        if not viewer.may(Action.READ_IMPORTS):
            raise NotPermittedError
        problem = {
            "file": "missing.csv",
            "sheet": None,
            "row": 14,
            "column": "from",
            "rule": "must be a date",
            "severity": "error",
        }
        counts = {"read": 40, "added": {"subjects": 3, "claims": 60, "reports": 39}, "already_held": 7, "problems": 1}
        run = {
            "id": "run-1",
            "kind": "missing",
            "files": 1,
            "state": "done",
            "started_at": NOW,
            "dry_run": False,
            "counts": counts,
            "problems": [problem],
        }
        return [] if self.empty else [run]

    def html(self, viewer: Viewer, name: str, parameters: Mapping[str, str], as_known_at: dt.datetime | None) -> str:
        if self.empty:
            raise NotFoundError
        return (
            '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Map</title>'
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
            f"</head><body><main><h1>A map</h1><p>{name}</p></main></body></html>"
        )

    def layers(self, viewer: Viewer) -> Rows:
        return [{"name": "missing_from", "title": "Missing from", "meaning": "Counted by square", "precision": "area"}]

    def features(
        self, viewer: Viewer, name: str, parameters: Mapping[str, str], as_known_at: dt.datetime | None
    ) -> Rows:
        def square(n: int) -> Row:
            west, south = -1.1 + n / 100, 50.8
            ring = [
                [west, south],
                [west + 0.01, south],
                [west + 0.01, south + 0.01],
                [west, south + 0.01],
                [west, south],
            ]
            return {
                "type": "Feature", "id": f"SZ {n:03d} 995", "geometry": {"type": "Polygon", "coordinates": [ring]},
                "properties": {"cell": f"SZ {n:03d} 995", "events": n or None},
            }  # fmt: skip

        return [square(n) for n in range(25)]

    def mine(self, viewer: Viewer) -> Rows:
        return [] if self.empty else [self._entry(viewer.account)]

    def who_looked_at(self, viewer: Viewer, uid: str) -> Rows:
        self._subject(uid)
        return [self._entry("coordinator"), self._entry("satellite")]

    def verify(self, viewer: Viewer) -> Row:
        return {"ok": True, "entries": 120, "head": "", "problems": []}

    def ready(self) -> bool:
        return self.down is None

    def _entry(self, account: str) -> Row:
        return {
            "at": NOW, "action": "ask_question", "question": "peers.network", "account": account, "role": account, "agency": "police",
            "purpose": "weekly-meeting", "returned": 12, "decision": "allow",
        }  # fmt: skip

    def _open(self, uid: str) -> Row:
        self._reading()
        return self._subject(uid)

    def _subject(self, uid: str) -> Row:
        if uid == HIDDEN or uid not in EVERYTHING:
            raise NotFoundError
        return EVERYTHING[uid]

    def _reading(self) -> None:
        if self.down is not None:
            raise self.down
