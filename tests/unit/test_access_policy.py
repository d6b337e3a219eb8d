"""The policy against a table written without looking at it: every role, action and kind of request."""

import itertools
from dataclasses import dataclass

import pytest

from graph_service.access import Action, Role, decide, policy_text, require
from graph_service.access import policy as policy_module
from graph_service.access.viewer import Viewer
from graph_service.errors import NotPermittedError

# One letter a role: c coordinator, s satellite, i intelligence, a analyst, h school, o operator.
LETTERS = dict(zip("csiaho", Role, strict=True))
# Who may, for records; who may besides, where only figures are asked for; who besides, for their own pupil; who besides, on the context's team.
TABLE: dict[Action, tuple[str, str, str, str]] = {
    Action.SEARCH: ("csiah", "", "", ""),
    Action.ASK_QUESTION: ("csia", "h", "", ""),
    Action.DRAW_MAP: ("csia", "h", "", ""),
    Action.READ_LAYERS: ("csia", "h", "", ""),
    Action.READ_PERSON: ("csia", "", "h", ""),
    Action.READ_PLACE: ("csiah", "", "", ""),
    Action.READ_CONTEXT: ("csia", "", "", "h"),
    Action.READ_REPORT: ("csia", "", "", ""),
    Action.READ_NAMES: ("csi", "", "h", ""),
    Action.READ_REPORT_TEXT: ("csi", "", "", ""),
    Action.READ_EXACT_POINTS: ("csi", "", "", ""),
    Action.READ_SMALL_COUNTS: ("csia", "", "", ""),
    Action.READ_CATALOGUE: ("csiaho", "", "", ""),
    Action.READ_TODAY: ("csiaho", "", "", ""),
    Action.EXPORT: ("cia", "sh", "", ""),
    Action.INGEST: ("co", "", "", ""),
    Action.READ_IMPORTS: ("cao", "", "", ""),
    Action.DECIDE_SAME_AS: ("ci", "", "", ""),
    Action.DECIDE_HUB: ("ci", "", "", ""),
    Action.RECORD_ASSESSMENT: ("csi", "", "", ""),
    Action.REFER_CONTEXT: ("csih", "", "", ""),
    Action.DECIDE_CONTEXT: ("c", "", "", ""),
    Action.WORK_IN_CONTEXT: ("c", "", "", "siah"),
    Action.READ_OWN_AUDIT: ("csiaho", "", "", ""),
    Action.READ_AUDIT: ("co", "", "", ""),
    Action.VERIFY_AUDIT: ("co", "", "", ""),
    Action.MANAGE_ACCOUNTS: ("o", "", "", ""),
    Action.MANAGE_STORE: ("o", "", "", ""),
    Action.BACK_UP: ("o", "", "", ""),
}
AGENCIES = ("police", "education", "partnership")  # no rule looks at the agency; three show it
QUESTIONS = ("", "people.profile", "people.timeline", "links.between")
FACTS = ("question", "record_level", "own_pupil", "on_team")
PUPIL_QUESTIONS = {"people.profile", "people.timeline"}


@dataclass
class Somebody:
    role: str
    agency: str = "partnership"


def allowed_by_the_table(
    role: Role, action: Action, question: str, record_level: bool, own_pupil: bool, on_team: bool
) -> bool:
    records, figures, pupils, team = ({LETTERS[letter] for letter in cell} for cell in TABLE[action])
    if role in records:
        return True
    if role in figures and not record_level:
        return True
    if (role in pupils and own_pupil) or (role in team and on_team):
        return True
    return action is Action.ASK_QUESTION and role is Role.SCHOOL and own_pupil and question in PUPIL_QUESTIONS


def test_every_action_is_in_the_table() -> None:
    assert set(TABLE) == set(Action)


def test_the_policy_decides_as_the_table_says_for_everyone_and_everything() -> None:
    wrong = [
        (role, agency, action, *facts)
        for role, agency, action, *facts in itertools.product(
            Role, AGENCIES, Action, QUESTIONS, (True, False), (True, False), (True, False)
        )
        if decide(Somebody(role, agency), action, **dict(zip(FACTS, facts, strict=True))).allowed
        != allowed_by_the_table(role, action, *facts)
    ]
    assert wrong == []


def test_what_is_not_said_counts_as_the_closer_look() -> None:
    assert not decide(Somebody("school"), Action.ASK_QUESTION).allowed
    assert not decide(Somebody("school"), Action.READ_PERSON).allowed


@pytest.mark.parametrize("role", ["", "Coordinator", "admin", 'coordinator"', "operator "])
def test_a_role_that_the_policy_does_not_know_may_do_nothing(role: str) -> None:
    assert [action for action in Action if decide(Somebody(role), action, record_level=False).allowed] == []


def test_a_decision_names_the_rule_that_made_it() -> None:
    named = {decide(Somebody(role), action).policy_ids for role in Role for action in Action}
    assert all(rule == "nothing-permits" or f'@id("{rule}")' in policy_text() for rules in named for rule in rules)
    assert decide(Somebody("operator"), Action.READ_PERSON).policy_ids == ("operators-never-read-case-data",)
    assert decide(Somebody("school"), Action.READ_REPORT).policy_ids == ("nothing-permits",)


def test_every_rule_has_a_name_and_decides_something() -> None:
    rules = {line.split('"')[1] for line in policy_text().splitlines() if line.startswith("@id(")}
    starts = [line for line in policy_text().splitlines() if line.startswith(("permit", "forbid"))]
    assert len(rules) == len(starts)
    every = list(itertools.product(QUESTIONS, (True, False), (True, False), (True, False)))
    seen = {
        rule
        for role, action, facts in itertools.product(Role, Action, every)
        for rule in decide(Somebody(role), action, **dict(zip(FACTS, facts, strict=True))).policy_ids
    }
    assert rules <= seen


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('Pmet::Role::"coordinator"', 'Pmet::Role::"cordinator"'),
        ('Pmet::Action::"read_audit"', 'Pmet::Action::"raed_audit"'),
        ("resource.own_pupil", "resource.own_pupils"),
    ],
    ids=["role", "action", "fact"],
)
def test_a_misspelt_policy_is_refused_before_it_decides(
    monkeypatch: pytest.MonkeyPatch, right: str, wrong: str
) -> None:
    misspelt = policy_text().replace(right, wrong)
    assert misspelt != policy_text()
    policy_module._policy.cache_clear()
    monkeypatch.setattr(policy_module, "policy_text", lambda: misspelt)
    try:
        with pytest.raises(policy_module.PolicyError):
            policy_module._policy()
    finally:
        policy_module._policy.cache_clear()


def test_require_refuses_without_saying_what_of() -> None:
    analyst = Viewer("analyst", "Ansel Demonstration", "partnership", Role.ANALYST, frozenset(), "analysis")
    assert require(analyst, Action.READ_REPORT).allowed
    with pytest.raises(NotPermittedError) as refusal:
        require(analyst, Action.READ_REPORT_TEXT)
    assert "report" not in str(refusal.value).lower()
