"""Killed for real (SIGKILL, a process of its own) just before and just after what it did was kept: it is there whole, or not at all."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from test_contexts import CLAIMS, REPORTS, SUBJECTS, TEAM, BringIn, Desk
from test_proposals import CLAIMS as MEETING_CLAIMS
from test_proposals import REPORTS as MEETING_REPORTS
from test_proposals import SUBJECTS as MEETING_SUBJECTS

from graph_service.bootstrap import Service, bootstrap
from graph_service.errors import NotFoundError, StaleError

Sent: TypeAlias = tuple[str, str, list[Any], dict[str, Any]]
CHILD = Path(__file__).parents[1] / "killed_at_commit.py"


@pytest.fixture(scope="module")
def child() -> Iterator[subprocess.Popen[str]]:
    """One process that imports the service once, and forks for each act."""
    with subprocess.Popen(
        [sys.executable, str(CHILD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as started:
        yield started
        assert started.stdin is not None
        started.stdin.close()


@pytest.fixture
def killed(child: subprocess.Popen[str], service: Service) -> Callable[[str, Sent], None]:
    """Give a function that does an act in a process of its own, on the same stores, and sees to it that it was killed there."""
    settings = service.settings.model_dump(
        mode="json", include={"home", "neo4j_uri", "neo4j_user", "neo4j_password_file"}
    )

    def kill(place: str, sent: Sent) -> None:
        of, act, given, named = sent
        line = {"settings": settings, "place": place, "of": of, "act": act, "given": given, "named": named}
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps(line) + "\n")
        child.stdin.flush()
        assert int(child.stdout.readline()) == signal.SIGKILL

    return kill


def content(service: Service) -> list[Any]:
    """Give how much of what kind the store holds, what stands apart from what has ended."""
    counted = (
        "MATCH (n) WHERE NOT n:Command RETURN labels(n) AS what, n.end_seq AS until, count(*) AS n ORDER BY what, until"
    )
    between = "MATCH ()-[r]->() RETURN type(r) AS what, r.end_seq AS until, count(*) AS n ORDER BY what, until"
    return [service.store.read(text, {}) for text in (counted, between)]


def referred(_: Desk, ana: str) -> Sent:
    fields = {
        "kind": "transport", "label": "Arcade stop", "reason": "Two children named it.",
        "affected": [{"person": ana, "why": "Waits here.", "citations": ["small/c1"]}],
    }  # fmt: skip
    return "contexts", "refer", [fields], {"command": "key:a/b"}


def decided(desk: Desk, ana: str) -> Sent:
    (proposed,) = desk.service.proposals.list(desk.viewer("coordinator"))
    return (
        "proposals",
        "decide",
        [proposed["uid"], "assess"],
        {"reason": "Four agencies.", "affected": [desk.uid("ben")], "command": "key:a/b"},
    )


def changed(desk: Desk, ana: str) -> Sent:
    affected = [{"person": desk.uid("ben"), "why": "Waits here.", "citations": ["small/c2"]}]
    uid = desk.refer(affected=[{"person": ana, "why": "Waits here.", "citations": ["small/c1"]}])
    fields = {"label": "Arcade shelter", "affected": affected}
    return "contexts", "change", [uid, fields], {"version": desk.get(uid)["version"], "why": "Looked again."}


def closed(desk: Desk, _: str) -> Sent:
    uid = desk.assessed()
    named = {"reason": "Quiet.", "version": desk.get(uid)["version"], "command": "key:a/b"}
    return "contexts", "decide", [uid, "close"], named


def whole(desk: Desk, label: str, state: str, affected: list[str]) -> None:
    """See that there is one context, that it is what it should be, and that the graph says the same of it as its rows."""
    (row,) = desk.contexts.list(desk.viewer("coordinator"))
    found = desk.get(row["uid"])
    assert (found["label"], found["state"]) == (label, state)
    assert [one["person"]["label"] for one in found["affected"]] == affected
    text = "MATCH (p:Person)-[r:AFFECTED_BY]->(:Context) WHERE r.end_seq > $most RETURN p.uid AS uid"
    claimed = [claim["uid"] for claim in desk.service.store.read(text, {"most": 2**53})]
    assert claimed == [one["person"]["uid"] for one in found["affected"]]
    labels = {one["uid"]: one["label"] for one in desk.service.find(desk.viewer("coordinator"), label)}
    assert labels[row["uid"]] == label


@pytest.mark.parametrize(
    ("act", "label", "state", "affected"),
    [
        (referred, "Arcade stop", "referred", ["Ana Exampleby"]),
        (decided, "Fraton Bridge stop", "assessing", ["Ben Exampleby"]),
        (changed, "Arcade shelter", "referred", ["Ben Exampleby"]),
        (closed, "Arcade bus stop", "closed", []),
    ],
    ids=["referral", "decision", "change", "closing"],
)
def test_what_is_killed_where_it_is_kept_is_there_whole_or_not_at_all(
    service: Service,
    bring_in: BringIn,
    killed: Callable[[str, Sent], None],
    act: Callable[[Desk, str], Sent],
    label: str,
    state: str,
    affected: list[str],
) -> None:
    if act is decided:
        bring_in(MEETING_SUBJECTS, MEETING_REPORTS, MEETING_CLAIMS)
    else:
        bring_in(SUBJECTS, REPORTS, CLAIMS)
    before = Desk(service)
    sent = act(before, before.uid("ana"))
    of, name, given, named = sent
    stood = content(service)
    killed("before", sent)
    assert content(service) == stood
    killed("after", sent)
    kept = content(service)
    assert kept != stood
    again = bootstrap(service.settings)
    try:
        desk = Desk(again)
        if act is closed:
            assert again.records.accounts.holders(f"team:{given[0]}") == frozenset(), (
                "its team is out at the next start"
            )
            for member in TEAM["members"]:
                with pytest.raises(NotFoundError):
                    desk.get(given[0], member["account"])
        whole(desk, label, state, affected)
        send = getattr(getattr(again, of), name)
        if "command" in named:
            send(desk.viewer("coordinator"), *given, **named)
        else:
            with pytest.raises(StaleError):
                send(desk.viewer("coordinator"), *given, **named)
        whole(desk, label, state, affected)
        assert content(again) == kept, "sent again it does nothing"
        assert again.keeping.check(again.operator("test"))["problems"] == []
    finally:
        again.close()
