"""
Canned contexts at the seam of the pages: a bus stop being planned for, a group newly referred, an online space that is closed.

They are kept in memory and change as the service's would: versions go up, what is stale raises, a person who is not there is refused.
"""

# A fake has the parameters of what it stands in for, used or not.
# ruff: noqa: ARG002

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from fake_sharing import FakeSharing

from graph_service.access import Viewer
from graph_service.errors import NotFoundError, NotPermittedError, StaleError
from graph_service.web.seam import Row
from queries.errors import ParameterError

PARTS = ("team", "assessment", "weighting", "plan", "review")
KINDS = ("place", "peer_group", "school", "neighbourhood", "transport", "online", "business")
STOP, CIRCLE, CHANNEL = "context-stop", "context-circle", "context-channel"
HIDDEN_CONTEXT = "context-hidden"
_AT = "2026-11-18T09:00:00Z"


def subject(uid: str, kind: str, label: str) -> Row:
    return {"uid": uid, "kind": kind, "label": label}


_ANA, _BEN = subject("child-0", "child", "Ana Exampleby"), subject("child-1", "child", "Ben Exampleby")
_KIA = subject("adult-kia", "adult", "Adult Unknown in a white Kia")
_ARCADE = subject("place-arcade", "location", "Example Arcade")
_PARK = subject("place-park", "location", "Demonstration Park")
_AREA = {
    "type": "Polygon",
    "coordinates": [[[-1.092, 50.797], [-1.088, 50.797], [-1.088, 50.799], [-1.092, 50.799], [-1.092, 50.797]]],
}


def _part(name: str, content: Any, version: int = 0, state: str = "draft", by: str = "sal") -> Row:
    begun = version > 0
    return {
        "name": name, "version": version, "content": content, "state": state if begun else "", "by": by if begun else "",
        "agency": "social_care" if begun else "", "at": _AT if begun else None, "why": "First visit written up." if begun else "",
        "handling": "C" if begun else "",
    }  # fmt: skip


def _definition(kind: str, label: str, summary: str, **more: Any) -> Row:
    return {
        "kind": kind, "label": label, "summary": summary, "places": [], "people": [], "groups": [], "vehicles": [], "accounts": [],
        "handle": "", "platform": "", "area": None, "harms": [],
    } | more  # fmt: skip


def _context(uid: str, definition: Row, state: str, **more: Any) -> Row:
    return {
        "uid": uid, "label": definition["label"], "kind": definition["kind"], "state": state, "version": 1, "lead": None, "team": [],
        "referred_at": "2026-09-02T10:00:00Z", "assess_by": None, "review_due": None, "overdue": False, "new_notices": 0, "updated_at": _AT,
        "handling": "C", "definition": definition, "decisions": [], "affected": [], "concerns": [], "contains": [], "touches": [], "within": [],
        "reviewed": {"weeks": 12, "clause": "000 App. A, Review"},
        "origin": {
            "how": "direct", "by": "Scarlet Demonstration", "agency": "education", "at": "2026-09-02T10:00:00Z",
            "reason": "Pupils say that they are followed from here.", "citations": [],
        },
        "parts": {name: _part(name, [] if name == "weighting" else {}) for name in PARTS},
    } | more  # fmt: skip


def _stop() -> Row:
    decision = {
        "decision": "assess", "reason": "Three agencies named this stop in nine weeks, about children who do not know one another.",
        "by": "Corin Demonstration", "agency": "partnership", "at": "2026-09-09T11:20:00Z", "meeting": "2026-09-09",
    }  # fmt: skip
    team = [
        {"account": "satellite", "name": "Sal Demonstration", "agency": "social_care", "role_in_team": "lead"},
        {"account": "intelligence", "name": "Indra Demonstration", "agency": "police", "role_in_team": "police"},
        {"account": "school", "name": "Scarlet Demonstration", "agency": "education", "role_in_team": "school"},
    ]
    assessment = {
        "needs": "Somewhere warm to wait; adults whom they know.", "strengths": "The evening driver knows most of them by name.",
        "guardianship": [{"who": "Night bus driver", "where": "Example Arcade stop", "could": "Wait until each has been collected"}],
        "physical": "No lamp on the north side.", "social": "Adults in cars stop here after ten.", "relationships": "Two groups, one friendly adult.",
        "individual_responses": "A conversation with each of the two children.", "group_responses": "Detached youth work on Fridays.",
        "engagement": [{"whom": "The arcade's manager", "how": "Visited; will keep the doorway lit"}],
        "analysis": "Harm gathers where nobody is responsible after the arcade closes.",
    }  # fmt: skip
    weighting = [
        {"what": "The unlit stop", "rank": 1, "reason": "Every report names it.", "evidence": ["city/T2"]},
        {"what": "Waiting without an adult", "rank": 2, "reason": "Falls away when the driver waits.", "evidence": []},
    ]
    baseline = {"from": "2026-07-01T23:00:00Z", "to": "2026-09-23T23:00:00Z", "known_at": "2026-09-23T23:00:00Z"}
    plan = {
        "actions": [
            {"what": "Mend the lamp", "lead": "Highways", "agency": "housing", "by": "2026-10-05", "state": "done", "progress": "Lit on 2 October"},
            {"what": "Youth workers on Fridays", "lead": "Yan Example", "agency": "youth", "by": "2026-10-09", "state": "under way", "progress": ""},
        ],
        "goals": [
            {"what": "Fewer incidents at the stop", "measure": "incidents_at_places", "effort": False, "target": "half", "baseline": baseline},
            {"what": "Leaflets given out", "measure": None, "effort": True, "target": "200", "baseline": None},
        ],
    }  # fmt: skip
    parts = {
        "team": _part("team", {"lead": "satellite", "members": team}, 1, by="Corin Demonstration"),
        "assessment": _part("assessment", assessment, 3, "signed_off", "Sal Demonstration"),
        "weighting": _part("weighting", weighting, 1, by="Sal Demonstration"),
        "plan": _part("plan", plan, 2, "signed_off", "Sal Demonstration"),
        "review": _part("review", {}),
    }
    definition = _definition(
        "transport", "Arcade bus stop", "The stop and the doorway beside it, after ten in the evening.", places=[_ARCADE], people=[_ANA, _KIA],
        area=_AREA, harms=["sexual exploitation", "going missing"],
    )  # fmt: skip
    origin = {
        "how": "convergence", "by": "Corin Demonstration", "agency": "partnership", "at": "2026-09-02T10:00:00Z",
        "reason": "Three separate referrals name it in three spellings.", "citations": ["city/T2", "city/S0", "city/S0b"],
    }  # fmt: skip
    return _context(
        STOP, definition, "review_due", version=7, lead={"account": "satellite", "name": "Sal Demonstration", "agency": "social_care"},
        team=team, review_due="2026-12-16", new_notices=1, decisions=[decision], origin=origin, parts=parts,
        affected=[{"person": _ANA, "why": "Found here twice.", "evidence": ["city/T2"]}, {"person": _BEN, "why": "Waits here.", "evidence": []}],
        concerns=[{"adult": _KIA, "child": _ANA, "older_by_years": 14, "reports": 2, "evidence": ["city/C1", "city/C2"]},
                  {"adult": _KIA, "child": _BEN, "older_by_years": None, "reports": None, "evidence": ["city/C3"]}],
        contains=[], touches=[{"uid": CIRCLE, "label": "Friday group at the park", "kind": "peer_group"}],
    )  # fmt: skip


class FakeContexts:
    """The contextual database in memory; `HIDDEN_CONTEXT` is there and not to be seen."""

    def __init__(self, *, empty: bool = False, down: Exception | None = None) -> None:
        circle = _context(
            CIRCLE,
            _definition(
                "peer_group",
                "Friday group at the park",
                "A few friends, named by a youth worker.",
                places=[_PARK],
                people=[_BEN],
            ),
            "referred",
            assess_by=None,
        )
        channel = _context(
            CHANNEL,
            _definition(
                "online", "A shared channel", "Where the lifts were offered.", handle="@example-lifts", platform="chat"
            ),
            "closed",
            referred_at="2026-03-02T10:00:00Z",
            version=4,
        )
        self.down = down
        self.kept: dict[str, Row] = {} if empty else {row["uid"]: row for row in (_stop(), circle, channel)}
        self.older: dict[tuple[str, str], list[Row]] = {}
        self.entries: dict[str, list[Row]] = {
            STOP: [
                _entry("Sal Demonstration", "social_care", "plan", "Saved the plan: two goals after the visit."),
                _entry("Corin Demonstration", "partnership", "team", "Named the satellite team."),
                _entry("Corin Demonstration", "partnership", "decision", "Decided to assess."),
            ]
        }
        self.attached: dict[str, list[Row]] = {}
        self.sharing = FakeSharing(self._kept, self._note, STOP)
        self.read: set[tuple[str, str]] = set()

    def list(self, viewer: Viewer, *, state: str = "") -> Sequence[Row]:
        self._reading()
        order = {"review_due": 0, "referred": 1, "assessing": 2, "planned": 3}
        rows = [_summary(row) for row in self.kept.values() if self._open(viewer, row) and state in ("", row["state"])]
        return sorted(rows, key=lambda row: (order.get(row["state"], 9), row["label"]))

    def get(self, viewer: Viewer, uid: str) -> Row:
        row = self._kept(viewer, uid)
        agreed = [row for row in self.sharing.list(viewer, uid) if row["state"] == "agreed"]
        return copy.deepcopy(row) | {"may": self._may(viewer, row), "sharing": agreed}

    def refer(self, viewer: Viewer, given: Mapping[str, Any], *, command: str = "") -> Row:
        if viewer.role not in ("coordinator", "satellite", "intelligence", "school"):
            raise NotPermittedError
        self._check(given, needed=("kind", "label", "reason"))
        uid = f"context-{len(self.kept)}"
        definition = _definition(given["kind"], given["label"], given.get("summary", ""))
        definition |= {name: given[name] for name in ("handle", "platform", "area", "harms") if given.get(name)}
        row = _context(uid, definition, "referred", referred_at=_AT)
        row["origin"] = {
            "how": given.get("how", "direct"), "by": viewer.name, "agency": viewer.agency, "at": _AT, "reason": given["reason"],
            "citations": list(given.get("citations", ())),
        }  # fmt: skip
        self.kept[uid] = row
        self._note(viewer, uid, "referral", "Referred.")
        return _summary(row) | {"open": self._open(viewer, row)}

    def change(self, viewer: Viewer, uid: str, given: Mapping[str, Any], *, version: int, why: str) -> Row:
        row = self._kept(viewer, uid)
        self._fresh(viewer, row, version)
        self._check(given)
        if not why.strip():
            raise ParameterError("why", "say why; it is kept with the change")
        row["definition"] |= {
            name: given[name] for name in ("label", "summary", "handle", "platform", "area", "harms") if name in given
        }
        row["label"], row["version"] = row["definition"]["label"], version + 1
        self._note(viewer, uid, "definition", why)
        return self.get(viewer, uid)

    def decide(
        self,
        viewer: Viewer,
        uid: str,
        decision: str,
        *,
        reason: str,
        version: int,
        meeting: str = "",
        command: str = "",
    ) -> Row:
        row = self._kept(viewer, uid)
        if viewer.role != "coordinator":
            raise NotPermittedError
        self._fresh(viewer, row, version)
        if decision not in _MAY_FOLLOW[row["state"]]:
            raise ParameterError(
                "decision",
                f"of a context that is {row['state']} it can be {' or '.join(_MAY_FOLLOW[row['state']]) or 'none'}",
            )
        if not reason.strip():
            raise ParameterError("reason", "say why; it is kept with the decision")
        row["decisions"].append(
            {
                "decision": decision,
                "reason": reason,
                "by": viewer.name,
                "agency": viewer.agency,
                "at": _AT,
                "meeting": meeting,
            }
        )
        row["state"], row["version"] = _LEADS_TO[decision], version + 1
        self._note(viewer, uid, "decision", reason)
        return self.get(viewer, uid)

    def part(self, viewer: Viewer, uid: str, name: str) -> Row:
        row = self._kept(viewer, uid)
        if name not in PARTS:
            raise NotFoundError
        return copy.deepcopy(row["parts"][name])

    def save(
        self, viewer: Viewer, uid: str, name: str, content: Mapping[str, Any], *, version: int, why: str = ""
    ) -> Row:
        row, before = self._kept(viewer, uid), self.part(viewer, uid, name)
        if row["state"] not in ("assessing", "planned", "review_due"):
            raise ParameterError("state", "this context is not being worked on")
        if version != before["version"]:
            raise StaleError(before)
        if name == "plan" and any(not goal.get("what") for goal in content.get("goals", ())):
            raise ParameterError("goals", "say what each goal is")
        after = _part(name, copy.deepcopy(content), version + 1, by=viewer.name) | {"agency": viewer.agency, "why": why}
        self.older.setdefault((uid, name), []).insert(0, before)
        row["parts"][name] = after
        self._note(viewer, uid, name, why)
        return copy.deepcopy(after)

    def history(self, viewer: Viewer, uid: str, name: str) -> Sequence[Row]:
        if name == "definition":
            row = self._kept(viewer, uid)
            return [_part("definition", row["definition"], row["version"], by="Corin Demonstration")]
        now = self.part(viewer, uid, name)
        return [*([now] if now["version"] else []), *(row for row in self.older.get((uid, name), []) if row["version"])]

    def notices(self, viewer: Viewer, uid: str) -> Sequence[Row]:
        self._kept(viewer, uid)
        if uid != STOP:
            return []
        new = (viewer.account, uid) not in self.read
        return [
            _notice("Ana Exampleby was seen at Example Arcade", "2026-11-17T10:00:00Z", "city/T2", new),
            _notice("Ben Exampleby was seen at Example Arcade", "2026-10-17T10:00:00Z", "city/S0", False),
        ]

    def seen(self, viewer: Viewer, uid: str, *, up_to: str = "") -> None:
        self.up_to = up_to
        self._kept(viewer, uid)["new_notices"] = 0
        self.read.add((viewer.account, uid))

    def log(self, viewer: Viewer, uid: str) -> Sequence[Row]:
        self._kept(viewer, uid)
        return list(reversed(self.entries.get(uid, [])))

    def note(self, viewer: Viewer, uid: str, text: str, *, command: str = "") -> Row:
        self._kept(viewer, uid)
        if not text.strip():
            raise ParameterError("text", "write what was done")
        return self._note(viewer, uid, "note", text)

    def evidence(self, viewer: Viewer, uid: str) -> Sequence[Row]:
        self._kept(viewer, uid)
        return self.attached.get(uid, [])

    def attach(
        self, viewer: Viewer, uid: str, question: str, parameters: Mapping[str, Any], *, why: str, command: str = ""
    ) -> Row:
        self._kept(viewer, uid)
        if question not in ("contexts.people_present", "places.hotspots", "episodes.co_missing"):
            raise ParameterError("question", "cannot be attached")
        row = {
            "id": f"evidence-{len(self.attached.get(uid, []))}", "question": question, "version": "1", "parameters": dict(parameters),
            "known_at": _AT, "sequence": None, "by": viewer.name, "at": _AT, "why": why,
            "rows": [{"person": _ANA, "events": 5, "evidence": ["city/T2"]}],
            "stored": [{"person": _ANA, "events": 4, "evidence": ["city/T2"]}], "caveats": [],
        }  # fmt: skip
        self.attached.setdefault(uid, []).append(row)
        return row

    def colleagues(self, viewer: Viewer) -> Sequence[Row]:
        if viewer.role != "coordinator":
            raise NotPermittedError
        return [
            {
                "account": "intelligence",
                "name": "Indra Demonstration",
                "agency": "police",
                "role": "intelligence",
                "can_lead": False,
            },
            {
                "account": "satellite",
                "name": "Sal Demonstration",
                "agency": "social_care",
                "role": "satellite",
                "can_lead": True,
            },
        ]

    def measures(self, viewer: Viewer) -> Sequence[Row]:
        return [
            {
                "name": "incidents_at_places",
                "meaning": "Incidents recorded at the context's places",
                "unit": "incidents",
                "good": "fewer",
                "caveat": "Counts what was reported.",
            },
            {
                "name": "children_found_at_places",
                "meaning": "Children found at its places",
                "unit": "children",
                "good": "fewer",
                "caveat": "Counts what was reported.",
            },
        ]

    def before_and_after(self, viewer: Viewer, uid: str) -> Row:
        row = self._kept(viewer, uid)
        goals = row["parts"]["plan"]["content"].get("goals", [])
        return {
            "baseline_from": "2026-07-01T23:00:00Z", "baseline_to": "2026-09-23T23:00:00Z", "now_from": "2026-09-23T23:00:00Z",
            "now_to": _AT, "caveats": ["Fewer reports can also mean that fewer people reported."],
            "goals": [_measured(goal) for goal in goals],
        }  # fmt: skip

    # ---- within

    def _reading(self) -> None:
        if self.down is not None:
            raise self.down

    def _open(self, viewer: Viewer, row: Row) -> bool:
        teammates = (
            {member["account"] for member in row["team"]} if row["state"] not in ("closed", "referred_on") else set()
        )
        return viewer.role == "coordinator" or viewer.account in teammates

    def _kept(self, viewer: Viewer, uid: str) -> Row:
        self._reading()
        row = self.kept.get(uid)
        if row is None or not self._open(viewer, row):
            raise NotFoundError
        return row

    def _fresh(self, viewer: Viewer, row: Row, version: int) -> None:
        if version != row["version"]:
            raise StaleError(self.get(viewer, row["uid"]))

    def _check(self, given: Mapping[str, Any], needed: Sequence[str] = ()) -> None:
        for name in needed:
            if not str(given.get(name, "")).strip():
                raise ParameterError(name, "must be given")
        if given.get("kind", "place") not in KINDS:
            raise ParameterError("kind", f"choose one of {', '.join(KINDS)}")

    def _may(self, viewer: Viewer, row: Row) -> Sequence[str]:
        open_work = row["state"] in ("assessing", "planned", "review_due")
        work = [f"save:{name}" for name in PARTS if name != "team" or viewer.role == "coordinator"] if open_work else []
        decide = [f"decide:{word}" for word in _MAY_FOLLOW[row["state"]]] if viewer.role == "coordinator" else []
        return (
            ["change", "note", "attach", "share", "unshare", *work, *decide]
            if row["state"] not in ("closed", "referred_on")
            else decide
        )

    def _note(self, viewer: Viewer, uid: str, what: str, text: str) -> Row:
        entry = _entry(viewer.name, viewer.agency, what, text)
        self.entries.setdefault(uid, []).append(entry)
        return entry


_MAY_FOLLOW: dict[str, tuple[str, ...]] = {
    "referred": ("record_only", "assess"),
    "record_only": ("assess", "close"),
    "assessing": ("sign_off", "close", "refer_on"),
    "planned": ("again", "close", "refer_on"),
    "review_due": ("again", "close", "refer_on"),
    "closed": ("assess",),
    "referred_on": ("assess",),
}
_LEADS_TO = {
    "record_only": "record_only", "assess": "assessing", "sign_off": "planned", "again": "planned", "close": "closed", "refer_on": "referred_on",
}  # fmt: skip
_OF_SUMMARY = (
    "uid", "label", "kind", "state", "version", "lead", "team", "referred_at", "assess_by", "review_due", "overdue", "new_notices", "updated_at",
    "handling",
)  # fmt: skip


def _summary(row: Row) -> Row:
    return {name: copy.deepcopy(row[name]) for name in _OF_SUMMARY}


def _entry(by: str, agency: str, what: str, text: str) -> Row:
    return {"at": _AT, "by": by, "agency": agency, "what": what, "text": text}


def _notice(what: str, known_from: str, claim: str, new: bool) -> Row:
    return {
        "what": what, "happened_from": "2026-11-14T23:10:00Z", "known_from": known_from, "touches": _ARCADE, "evidence": [claim], "new": new,
    }  # fmt: skip


def _measured(goal: Row) -> Row:
    told = {name: goal.get(name) for name in ("what", "effort", "measure", "target")}
    if goal.get("effort") or not goal.get("measure"):
        sentence = "This goal counts effort, not outcome, so nothing is measured."
        return told | {"before": None, "after": None, "ratio": None, "sentence": sentence}
    return told | {
        "before": {"count": 9, "low": 4.1, "high": 17.1, "weeks": 12.0, "evidence": ["city/S0"]},
        "after": {"count": 4, "low": 1.1, "high": 10.2, "weeks": 8.0, "evidence": ["city/T2"]},
        "ratio": {"estimate": 0.67, "low": 0.15, "high": 2.37},
        "sentence": "9 incidents in 12 weeks before, then 4 in 8 weeks: a difference that could be chance.",
    }
