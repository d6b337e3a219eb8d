"""Accounts, and what each holds from when to when."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from fresh_records import START, MovedClock, fresh_records

from graph_service.access import operator, personas
from graph_service.errors import ConflictError, NotFoundError
from graph_service.records import AccountError, Records, SignInRefusedError

GOOD = "several plain words here"


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def records(tmp_path: Path, clock: MovedClock) -> Iterator[Records]:
    with fresh_records(tmp_path, clock) as opened:
        yield opened


def make(records: Records, **other: str) -> None:
    asked = {
        "account": "pat.example",
        "name": "Pat Example",
        "agency": "health",
        "role": "satellite",
        "purpose": "child-plan",
        "password": GOOD,
        **other,
    }
    records.accounts.create(asked.pop("account"), granted_by="operator", **asked)


def test_personas_hold_what_the_contract_says_and_are_made_once(records: Records) -> None:
    records.accounts.ensure_personas()
    for persona in (*personas(), operator()):
        assert records.accounts.held(persona.account) == persona.held
        assert records.accounts.viewer(persona.account).purpose == persona.purpose
    assert len(records.accounts.everyone()) == 6


def test_a_new_account_holds_its_agency_and_role_and_no_more(records: Records) -> None:
    make(records)
    viewer = records.accounts.viewer("pat.example")
    assert viewer.held == {"agency:health", "role:satellite"}
    assert (viewer.name, viewer.role, viewer.purpose) == ("Pat Example", "satellite", "child-plan")


@pytest.mark.parametrize(
    "wrong",
    [
        {"account": "Pat"},
        {"account": "p"},
        {"account": "pat example"},
        {"agency": "bakery"},
        {"role": "admin"},
        {"purpose": "curiosity"},
        {"name": ""},
        {"password": "short"},
        {"password": "aaaaaaaaaaaaaaaaaaaa"},
        {"password": "pat.example pat.example"},
        {"password": "x" * 300},
    ],
    ids="-".join,
)
def test_an_account_that_cannot_be_used_is_refused_and_its_password_not_told(
    records: Records, wrong: dict[str, str]
) -> None:
    with pytest.raises(AccountError) as refusal:
        make(records, **wrong)
    assert wrong.get("password", "no password") not in str(refusal.value)
    assert len(records.accounts.everyone()) == 6


def test_a_name_is_never_given_twice(records: Records) -> None:
    make(records)
    records.accounts.disable("pat.example")
    with pytest.raises(ConflictError):
        make(records)


def test_passwords_are_kept_only_as_argon2_hashes(records: Records, tmp_path: Path) -> None:
    make(records)
    assert records.accounts.password_fits("pat.example", GOOD)
    assert not records.accounts.password_fits("pat.example", GOOD + "!")
    assert not records.accounts.password_fits("nobody", GOOD)
    assert not records.accounts.password_fits("coordinator", "")  # a persona has none
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert GOOD.encode() not in held
    assert b"$argon2id$" in held


def test_a_disabled_account_is_nobody_until_it_is_enabled(records: Records) -> None:
    make(records)
    records.accounts.disable("pat.example")
    assert not records.accounts.password_fits("pat.example", GOOD)
    with pytest.raises(SignInRefusedError):
        records.accounts.viewer("pat.example")
    records.accounts.enable("pat.example")
    assert records.accounts.viewer("pat.example").account == "pat.example"


def test_rights_begin_and_end_and_what_was_held_then_is_still_known(records: Records, clock: MovedClock) -> None:
    make(records)
    tomorrow, next_week = START + dt.timedelta(days=1), START + dt.timedelta(days=7)
    records.accounts.grant("pat.example", "handling:C", granted_by="operator", held_from=tomorrow, held_to=next_week)
    records.accounts.grant("pat.example", "team:ctx-1", granted_by="operator")
    assert records.accounts.viewer("pat.example").teams == {"ctx-1"}
    assert "handling:C" not in records.accounts.held("pat.example")
    clock.forward(days=1)
    assert "handling:C" in records.accounts.held("pat.example")
    assert records.accounts.withdraw("pat.example", "team:ctx-1", ended_by="operator")
    assert not records.accounts.withdraw("pat.example", "team:ctx-1", ended_by="operator")
    assert "team:ctx-1" not in records.accounts.held("pat.example")
    clock.forward(days=6)
    assert "handling:C" not in records.accounts.held("pat.example")
    # A practice review asks what was held then.
    assert {"handling:C", "team:ctx-1"} & records.accounts.held("pat.example", START) == {"team:ctx-1"}
    assert [row["token"] for row in records.accounts.holdings("pat.example")] == ["team:ctx-1", "handling:C"]


def test_a_right_that_has_not_begun_can_be_withdrawn_and_never_begins(records: Records, clock: MovedClock) -> None:
    make(records)
    records.accounts.grant("pat.example", "handling:C", granted_by="operator", held_from=START + dt.timedelta(days=1))
    assert records.accounts.withdraw("pat.example", "handling:C", ended_by="operator")
    clock.forward(days=2)
    assert "handling:C" not in records.accounts.held("pat.example")


def test_giving_what_is_held_changes_nothing(records: Records) -> None:
    make(records)
    for _ in range(3):
        records.accounts.grant("pat.example", "handling:C", granted_by="operator")
    assert len(records.accounts.holdings("pat.example")) == 1


@pytest.mark.parametrize(
    "token", ["role:intelligence", "agency:police", "condition:sealed", "handling:Z", "team:", "everything", ""]
)
def test_what_cannot_be_granted(records: Records, token: str) -> None:
    with pytest.raises(AccountError):
        records.accounts.grant("coordinator", token, granted_by="operator")


def test_there_must_be_such_an_account(records: Records) -> None:
    for attempt in (
        lambda: records.accounts.grant("nobody", "handling:C", granted_by="operator"),
        lambda: records.accounts.disable("nobody"),
        lambda: records.accounts.set_password("nobody", GOOD),
        lambda: records.accounts.held("nobody"),
    ):
        with pytest.raises(NotFoundError):
            attempt()
