"""Signing in, sessions that end, tokens for scripts, and waiting after wrong passwords."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from fresh_records import START, MovedClock, fresh_records

from graph_service.errors import NotFoundError
from graph_service.records import AccountError, Records, SignInRefusedError, TooManyTriesError
from graph_service.records.choices import purposes, statement

GOOD, WRONG = "several plain words here", "other plain words there"


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def records(tmp_path: Path, clock: MovedClock) -> Iterator[Records]:
    with fresh_records(tmp_path, clock) as opened:
        opened.accounts.create(
            "pat",
            name="Pat Example",
            agency="health",
            role="satellite",
            purpose="child-plan",
            password=GOOD,
            granted_by="o",
        )
        yield opened


def sign_in(records: Records, password: str = GOOD, source: str = "10.0.0.1", previous: str = "") -> str:
    return records.sessions.sign_in("pat", password, purpose="child-plan", source=source, previous=previous)


def is_signed_in(records: Records, token: str) -> bool:
    try:
        return records.sessions.viewer_of(token).account == "pat"
    except SignInRefusedError:
        return False


def test_a_session_knows_who_and_what_for(records: Records) -> None:
    viewer = records.sessions.viewer_of(sign_in(records))
    assert (viewer.account, viewer.purpose, viewer.channel, viewer.known_at) == ("pat", "child-plan", "web", None)
    assert viewer.session


def test_tokens_are_long_random_and_not_in_the_files(records: Records, tmp_path: Path) -> None:
    tokens = {sign_in(records) for _ in range(3)} | {records.tokens.create("pat", purpose="a script", made_by="o")[0]}
    assert len(tokens) == 4
    assert all(len(token) >= 43 for token in tokens)
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert not any(token.encode() in held for token in tokens)


def test_a_session_ends_after_fifteen_minutes_without_use(records: Records, clock: MovedClock) -> None:
    token = sign_in(records)
    for _ in range(4):
        clock.forward(minutes=14, seconds=59)
        assert is_signed_in(records, token)
    clock.forward(minutes=15)
    assert not is_signed_in(records, token)
    clock.forward(minutes=-15)
    assert not is_signed_in(records, token)  # what has ended stays ended


def test_a_session_ends_after_eight_hours_however_busy(records: Records, clock: MovedClock) -> None:
    token = sign_in(records)
    for _ in range(47):
        clock.forward(minutes=10)
        assert is_signed_in(records, token)
    clock.forward(minutes=10)
    assert not is_signed_in(records, token)


def test_signing_in_again_gives_another_token_and_ends_the_first(records: Records) -> None:
    first = sign_in(records)
    second = sign_in(records, previous=first)
    assert first != second
    assert (is_signed_in(records, first), is_signed_in(records, second)) == (False, True)


def test_signing_out_revoking_disabling_and_a_new_password_end_sessions_at_once(records: Records) -> None:
    first, second = sign_in(records), sign_in(records)
    records.sessions.sign_out(first)
    assert (is_signed_in(records, first), is_signed_in(records, second)) == (False, True)
    assert records.sessions.revoke("pat") == 1
    assert not is_signed_in(records, second)
    third = sign_in(records)
    records.accounts.set_password("pat", "quite another phrase")
    assert not is_signed_in(records, third)
    fourth = sign_in(records, "quite another phrase")
    records.accounts.disable("pat")
    records.accounts.enable("pat")
    assert not is_signed_in(records, fourth)


def test_rights_are_those_of_the_moment_of_each_request(records: Records) -> None:
    token = sign_in(records)
    records.accounts.grant("pat", "handling:C", granted_by="o")
    assert "handling:C" in records.sessions.viewer_of(token).held
    records.accounts.withdraw("pat", "handling:C", ended_by="o")
    assert "handling:C" not in records.sessions.viewer_of(token).held


def test_the_moment_looked_from_stays_with_the_session(records: Records) -> None:
    first, second = sign_in(records), sign_in(records)
    records.sessions.keep_known_at(first, START - dt.timedelta(days=5))
    assert records.sessions.viewer_of(first).known_at == START - dt.timedelta(days=5)
    assert records.sessions.viewer_of(second).known_at is None
    records.sessions.keep_known_at(first, None)
    assert records.sessions.viewer_of(first).known_at is None


@pytest.mark.parametrize("token", ["", "nonsense", "\ud800", "x" * 10_000])
def test_what_is_no_token_opens_nothing(records: Records, token: str) -> None:
    with pytest.raises(SignInRefusedError):
        records.sessions.viewer_of(token)
    with pytest.raises(SignInRefusedError):
        records.tokens.viewer_of(token)


def test_a_session_is_not_a_token_nor_the_other_way(records: Records) -> None:
    with pytest.raises(SignInRefusedError):
        records.tokens.viewer_of(sign_in(records))
    with pytest.raises(SignInRefusedError):
        records.sessions.viewer_of(records.tokens.create("pat", purpose="a script", made_by="o")[0])


def test_wrong_name_and_wrong_password_are_told_alike(records: Records) -> None:
    with pytest.raises(SignInRefusedError) as password:
        sign_in(records, WRONG)
    with pytest.raises(SignInRefusedError) as name:
        records.sessions.sign_in("nobody", GOOD, purpose="child-plan")
    assert str(password.value) == str(name.value)


def test_after_five_wrong_passwords_one_place_waits_and_others_do_not(records: Records, clock: MovedClock) -> None:
    for _ in range(5):
        with pytest.raises(SignInRefusedError):
            sign_in(records, WRONG)
    with pytest.raises(TooManyTriesError, match="wait 1 second and"):
        sign_in(records, GOOD)
    assert sign_in(records, source="10.0.0.2")
    clock.forward(seconds=1)
    with pytest.raises(SignInRefusedError):
        sign_in(records, WRONG)
    with pytest.raises(TooManyTriesError, match="wait 2 seconds"):
        sign_in(records)
    clock.forward(seconds=2)
    assert sign_in(records)
    with pytest.raises(SignInRefusedError) as after:
        sign_in(records, WRONG)
    assert not isinstance(after.value, TooManyTriesError)  # counted anew after a right one


def test_personas_sign_in_without_a_password_and_nobody_else_does(records: Records) -> None:
    assert records.sessions.viewer_of(records.sessions.sign_in_persona("school")).purpose == "own-pupils"
    for account in ("pat", "nobody"):
        with pytest.raises(SignInRefusedError):
            records.sessions.sign_in_persona(account)


def test_a_purpose_is_chosen_from_the_list(records: Records) -> None:
    assert set(purposes()) >= {"weekly-meeting", "own-pupils", "analysis"}
    with pytest.raises(AccountError):
        records.sessions.sign_in("pat", GOOD, purpose="curiosity")


def test_the_statement_has_a_version_and_is_accepted_more_than_once(records: Records, clock: MovedClock) -> None:
    assert statement().version
    assert statement().text
    records.accounts.accept_statement("pat")
    clock.forward(minutes=1)
    records.accounts.accept_statement("pat")


def test_an_api_token_ends_and_can_be_revoked(records: Records, clock: MovedClock) -> None:
    token, ends_at = records.tokens.create("pat", purpose="nightly figures", days=30, made_by="operator")
    assert ends_at == START + dt.timedelta(days=30)
    viewer = records.tokens.viewer_of(token)
    assert (viewer.account, viewer.purpose, viewer.channel) == ("pat", "nightly figures", "api")
    other, _ = records.tokens.create("pat", purpose="other", days=60, made_by="operator")
    other_id = next(row["id"] for row in records.tokens.of_account("pat") if row["purpose"] == "other")
    records.tokens.revoke(other_id)
    with pytest.raises(SignInRefusedError):
        records.tokens.viewer_of(other)
    with pytest.raises(NotFoundError):
        records.tokens.revoke(other_id)
    clock.forward(days=30)
    with pytest.raises(SignInRefusedError):
        records.tokens.viewer_of(token)


@pytest.mark.parametrize(("purpose", "days"), [("", 30), (" ", 30), ("x" * 201, 30), ("fine", 0), ("fine", 367)])
def test_a_token_needs_a_purpose_and_an_end(records: Records, purpose: str, days: int) -> None:
    with pytest.raises(AccountError):
        records.tokens.create("pat", purpose=purpose, days=days, made_by="o")


def test_no_token_for_nobody(records: Records) -> None:
    with pytest.raises(SignInRefusedError):
        records.tokens.create("nobody", purpose="fine", made_by="o")
