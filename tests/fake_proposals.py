"""Canned proposals: one bus stop in three spellings, and an adult, with what a person decides kept in memory."""

from collections.abc import Sequence
from typing import Any

from graph_service.access import Action, Viewer
from graph_service.errors import ConflictError, NotFoundError, NotPermittedError
from queries.errors import ParameterError

Row = dict[str, Any]
PENDING = "a" * 32
HIDDEN_PROPOSAL = "b" * 32


def _thing(uid: str, kind: str, label: str) -> Row:
    return {"uid": uid, "kind": kind, "label": label}


STOP = _thing("place-stop", "location", "Fratton Bridge bus stop")
ALSO = [
    _thing("place-stop-2", "location", "Bus stop opp. Fratton Bridge <b>"),
    _thing("place-stop-3", "location", "Fraton Bridge stop"),
]


def proposal() -> Row:
    names = [STOP, *ALSO]
    return {
        "uid": PENDING, "subject": STOP, "named": STOP["label"], "kind": "place", "reports": 3, "observed": 3, "agencies": 3, "children": 3,
        "also": [{"subject": other, "because": ["name alike 0.93", "40 m apart"]} for other in ALSO],
        "first": "2026-05-02T12:00:00Z", "last": "2026-07-01T12:00:00Z", "expected": 0.6545, "p_value": 0.14, "q_value": 1.0,
        "sentence": "3 reports by 3 agencies about 3 children between 2 May and 1 July 2026 name Fratton Bridge bus stop.",
        "chance": "3 reports can be paired each with another child. 0.7 would be expected here in these weeks.",
        "separate": 3, "known_to_one": 1, "circles": 3, "missing_reports": 0, "elsewhen": 0, "standing": "these_weeks_only", "is_new": True,
        "eyes": "No agency by itself has reported more than 1 child here. No other report links any two of the children.",
        "why_here": "No more than chance can give, but no other report in the 52 weeks known names it.",
        "citations": [
            {
                "report": f"report-{n}", "kind": kind, "agency": agency, "recorded_at": f"2026-0{5 + n}-01T12:00:00Z",
                "about": [_thing(f"child-{n}", "child", f"Child {n} Exampleby")], "names": [names[n]], "claims": [f"city/M{n}"],
            }
            for n, (kind, agency) in enumerate((("cpi", "police"), ("observation", "youth"), ("return_conversation", "education")))
        ],
        "evidence": ["city/M0", "city/M1", "city/M2"], "decision": None, "new_since": 0, "contexts": [],
    }  # fmt: skip


class FakeProposals:
    """Proposals in memory."""

    def __init__(self, *, empty: bool = False, down: Exception | None = None) -> None:
        self.rows = {} if empty else {PENDING: proposal()}
        self.down = down
        self.decided: list[tuple[str, str, str]] = []
        self.affected: list[str] = []
        self._commands: dict[str, str] = {}

    def _open(self, viewer: Viewer, action: Action) -> None:
        if self.down:
            raise self.down
        if not viewer.may(action):
            raise NotPermittedError

    def list(self, viewer: Viewer) -> list[Row]:
        self._open(viewer, Action.ASK_QUESTION)
        decided_after = [row for row in self.rows.values() if viewer.known_at and row["decision"]]
        return [{**row, "decision": None} for row in decided_after] or [
            row for row in self.rows.values() if row["decision"] is None
        ]

    def get(self, viewer: Viewer, uid: str) -> Row:
        self._open(viewer, Action.ASK_QUESTION)
        if uid not in self.rows:
            raise NotFoundError
        return self.rows[uid]

    def decide(
        self, viewer: Viewer, uid: str, decision: str, *, reason: str, affected: Sequence[str] = (), command: str = ""
    ) -> Row:
        self._open(viewer, Action.DECIDE_CONTEXT)
        row = self.get(viewer, uid)
        if command and self._commands.get(command) == uid:
            return row
        if row["decision"]:
            raise ConflictError("this was decided already, and no new report has come since")
        if not set(affected) <= {child["uid"] for citation in row["citations"] for child in citation["about"]}:
            raise ParameterError("affected", "choose among those whom these reports are about")
        self.decided.append((uid, decision, reason))
        self.affected = list(affected)
        self._commands[command] = uid
        row["decision"] = {
            "decision": decision,
            "reason": reason,
            "by": viewer.account,
            "at": "2026-07-08T12:00:00Z",
            "context": None,
        }
        return row
