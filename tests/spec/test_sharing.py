"""What may be shared further of a context, on a real store: versions, looking back, closure, and that it opens nothing."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from test_contexts import CLAIMS, REPORTS, SUBJECTS, BringIn, Desk

from graph_service.bootstrap import Service
from graph_service.errors import NotFoundError, StaleError
from queries.errors import ParameterError

pytestmark = pytest.mark.usefixtures("one_day")
GIVEN: dict[str, Any] = {
    "what": "The hours.", "with_kind": "business", "with_whom": "The arcade", "may_share": "Sal", "further": "", "withheld": "Every name.",
    "necessary": "Only they keep the door.", "proportionate": "Hours are enough.", "consent": "not_sought", "consent_reason": "Would warn him.",
}  # fmt: skip


def test_what_is_agreed_is_kept_withdrawn_and_opens_nothing(service: Service, bring_in: BringIn) -> None:
    bring_in(SUBJECTS, REPORTS, CLAIMS)
    desk = Desk(service)
    uid, sharing = desk.assessed(people=[desk.uid("ana"), desk.uid("rex")]), service.contexts.sharing
    satellite, analyst = desk.viewer("satellite"), desk.viewer("analyst")
    before = desk.get(uid, "school")
    made = sharing.agree(satellite, uid, GIVEN)
    assert (made["version"], made["state"], made["decided_by"], made["by"]) == (
        1,
        "agreed",
        satellite.name,
        satellite.name,
    )
    assert made["decided_on"] == dt.datetime.now(dt.UTC).date().isoformat()

    # A member sees it. It widens nothing: what they see of the rest is as it was, and nobody else sees the context.
    after = desk.get(uid, "school")
    assert [row["id"] for row in after["sharing"]] == [made["id"]]
    seen = ("definition", "affected", "origin", "version")
    assert {name: after[name] for name in seen} == {name: before[name] for name in seen}
    for refused in (lambda: sharing.list(analyst, uid), lambda: sharing.agree(analyst, uid, GIVEN)):
        with pytest.raises(NotFoundError):
            refused()
    with pytest.raises(NotFoundError):
        sharing.withdraw(satellite, uid, "nothing", version=1, why="No.")

    changed = sharing.change(satellite, uid, made["id"], {**GIVEN, "what": "The hour."}, version=1, why="Less.")
    with pytest.raises(StaleError) as stale:
        sharing.withdraw(satellite, uid, made["id"], version=1, why="Too wide.")
    assert stale.value.current == changed
    moment = dt.datetime.fromisoformat(changed["at"])
    assert service.contexts.log(satellite, uid)[0]["what"] == "sharing changed"

    # It can be withdrawn after closure, by whoever still sees it, and stands as it was known at before.
    desk.decide(uid, "close")
    coordinator = desk.viewer("coordinator")
    with pytest.raises(ParameterError, match="closed"):
        sharing.agree(coordinator, uid, GIVEN)
    with pytest.raises(NotFoundError):
        sharing.list(desk.viewer("satellite"), uid)
    ended = sharing.withdraw(coordinator, uid, made["id"], version=2, why="The case is closed.")
    assert (ended["state"], ended["what"], ended["why"]) == ("withdrawn", "The hour.", "The case is closed.")
    with pytest.raises(ParameterError, match="already"):
        sharing.withdraw(coordinator, uid, made["id"], version=3, why="Again.")
    (entry,) = [row for row in service.contexts.log(coordinator, uid) if row["what"] == "sharing withdrawn"]
    assert entry["text"] == "With The arcade: The case is closed."
    assert [row["version"] for row in sharing.history(coordinator, uid, made["id"])] == [3, 2, 1]
    back = replace(coordinator, known_at=moment)
    (then,) = sharing.list(back, uid)
    assert (then["state"], then["version"]) == ("agreed", 2)
    with pytest.raises(ParameterError, match="looking back"):
        sharing.withdraw(back, uid, made["id"], version=2, why="Then.")
    asked = [row["question"] for row in service.audit.mine(coordinator)]
    assert "withdraw sharing" in asked


def test_the_map_of_a_context_says_what_is_agreed(service: Service, bring_in: BringIn) -> None:
    bring_in(SUBJECTS, REPORTS, CLAIMS)
    desk = Desk(service)
    uid, coordinator = desk.refer(), desk.viewer("coordinator")

    def drawn() -> str:
        return service.maps.html(coordinator, "contexts.map", {"subject": uid}, None)

    assert "Nothing of this context is agreed to be shared further." in drawn()
    service.contexts.sharing.agree(coordinator, uid, {**GIVEN, "with_whom": "The <i>arcade"})
    assert "Agreed to be shared further, and nothing else: with The &lt;i&gt;arcade: The hours." in drawn()
