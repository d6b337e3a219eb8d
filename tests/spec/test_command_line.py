"""The command line as scripts and outside checks call it: names, shapes, exit codes, and nothing but one document on standard output."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ingest_memory import BundleFolder

from graph_service.cli import main
from graph_service.store.bolt import BoltStore

Pmet = Callable[..., tuple[int, str, str]]


@pytest.fixture
def pmet(store: BoltStore, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Pmet:
    """Give a function that runs `pmet` on the session's Neo4j and gives exit code, standard output and standard error."""
    home.mkdir(mode=0o700)
    (home / "password").write_text(store.address.password, encoding="utf-8")
    monkeypatch.setenv("PMET_HOME", str(home))
    monkeypatch.setenv("PMET_NEO4J_URI", store.address.uri)
    monkeypatch.setenv("PMET_NEO4J_PASSWORD_FILE", str(home / "password"))

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["pmet", *words])
        try:
            main()
            code = 0
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 1 if left.code else 0
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def document(answer: tuple[int, str, str]) -> Any:
    code, out, _ = answer
    assert code == 0
    return json.loads(out)


@pytest.fixture
def people(pmet: Pmet, tmp_path: Path) -> Path:
    """Bring in Ana, whom a report says knows Ben, and Cat, who is known only from conditioned intelligence to know Ben."""
    folder = BundleFolder(tmp_path / "bundle")
    folder.manifest["name"] = "small"
    folder.reports.append(
        {
            "report_ref": "r2",
            "kind": "cpi",
            "agency": "police",
            "submitted_at": "2026-05-02T10:00:00Z",
            "handling": "C",
            "conditions": "originator",
        }
    )
    folder.subjects.append({"ref": "cat", "kind": "child", "label": "Cat Invented"})
    folder.claims.append({"claim_ref": "c2", "report_ref": "r2", "from_ref": "ben", "to_ref": "cat", "type": "KNOWS"})
    path = folder.write()
    report = document(pmet("ingest", "bundle", str(path), "--json"))
    assert report.keys() == {"run", "kind", "read", "added", "already_held", "withdrawn", "problems"}
    assert report["added"] == {"subjects": 3, "claims": 2, "reports": 2}
    return path


def test_the_same_bundle_twice_changes_nothing(pmet: Pmet, people: Path) -> None:
    before = document(pmet("store", "check", "--json"))
    assert before["census"]["subjects"] == {"Adult": 1, "Child": 2}
    assert before["census"]["claims"] == {"KNOWS": 2}
    assert before["problems"] == []
    again = document(pmet("ingest", "bundle", str(people), "--json"))
    assert (again["added"], again["withdrawn"]) == ({"subjects": 0, "claims": 0, "reports": 0}, 0)
    assert document(pmet("store", "check", "--json"))["census"] == before["census"]


def test_the_envelope_and_what_two_people_get(pmet: Pmet, people: Path) -> None:
    words = ("ask", "links.between", "--param", "a=ref:small/ana", "--param", "b=ref:small/cat", "--json")
    answer = document(pmet(*words, "--as", "intelligence"))
    assert {
        "question",
        "parameters",
        "asked_by",
        "purpose",
        "as_known_at",
        "answered_at",
        "rows",
        "caveats",
    } <= answer.keys()
    assert answer["question"].keys() == {"name", "version", "meaning", "source"}
    (row,) = answer["rows"]
    assert row["length"] == 2
    assert {"from", "to", "type", "claims", "weakest_grade", "inferred"} <= row["hops"][0].keys()
    hidden = pmet(*words, "--as", "satellite")
    absent = pmet(
        "ask",
        "links.between",
        "--param",
        "a=ref:small/ana",
        "--param",
        "b=ref:small/nobody",
        "--json",
        "--as",
        "satellite",
    )
    assert hidden == absent
    assert hidden[:2] == (1, "")


def test_exit_codes(pmet: Pmet, people: Path, tmp_path: Path) -> None:
    assert pmet("ask", "no.such", "--as", "coordinator")[0] == 2
    assert pmet("ask", "people.profile", "--as", "coordinator")[0] == 2
    assert pmet("ask", "people.profile", "--param", "subject=ref:small/ana")[0] == 2
    assert (
        pmet("ask", "links.between", "--param", "a=ref:small/ana", "--param", "b=ref:small/ben", "--as", "school")[0]
        == 1
    )
    assert pmet("ingest", "nonsense", str(people))[0] in {1, 2}
    assert pmet("ingest", "bundle", str(tmp_path / "nowhere"))[0] == 1
    assert pmet("--no-such-option")[0] == 2


def test_find_and_a_map(pmet: Pmet, people: Path, tmp_path: Path) -> None:
    (found,) = document(pmet("find", "ana exampelby", "--as", "coordinator", "--json"))
    assert found.keys() >= {"uid", "kind", "label", "because"}
    out = tmp_path / "peers.html"
    assert (
        pmet("map", "peers.network", "--param", "subject=ref:small/ana", "--as", "coordinator", "--out", str(out))[0]
        == 0
    )
    page = out.read_text(encoding="utf-8")
    assert "Ben Madeupson" in page
    assert 'src="http' not in page
    assert "Cat Invented" not in page


def test_who_looked_and_whether_the_trail_is_whole(pmet: Pmet, people: Path) -> None:
    document(
        pmet(
            "ask",
            "people.profile",
            "--param",
            "subject=ref:small/ana",
            "--as",
            "coordinator",
            "--purpose",
            "weekly-meeting",
            "--json",
        )
    )
    looked = document(pmet("audit", "who-looked-at", "ref:small/ana", "--json"))
    assert [entry["account"] for entry in looked] == ["coordinator"]
    assert document(pmet("audit", "verify", "--json"))["whole"] is True


def test_that_two_are_the_same_is_a_claim_and_can_be_undone(pmet: Pmet, people: Path) -> None:
    asked = ("ask", "people.profile", "--param", "subject=ref:small/ana", "--as", "intelligence", "--json")
    before = document(pmet(*asked))["rows"]
    made = document(
        pmet(
            "same-as",
            "add",
            "ref:small/ana",
            "ref:small/cat",
            "--reason",
            "the same date of birth",
            "--as",
            "intelligence",
            "--json",
        )
    )
    (both,) = document(pmet(*asked))["rows"]
    assert "Cat Invented" in both["aliases"]
    assert (
        "Cat" not in pmet("ask", "people.profile", "--param", "subject=ref:small/ana", "--as", "satellite", "--json")[1]
    )
    document(
        pmet(
            "same-as",
            "withdraw",
            made["claim"],
            "--reason",
            "they were seen together",
            "--as",
            "intelligence",
            "--json",
        )
    )
    assert document(pmet(*asked))["rows"] == before
    assert document(pmet("store", "check", "--json"))["problems"] == []


def test_a_token_speaks_for_an_account(
    pmet: Pmet, people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = document(pmet("account", "token", "coordinator", "--purpose", "a script", "--json"))
    (tmp_path / "token").write_text(made["token"], encoding="utf-8")
    monkeypatch.setenv("PMET_TOKEN_FILE", str(tmp_path / "token"))
    answer = document(pmet("ask", "people.profile", "--param", "subject=ref:small/ana", "--json"))
    assert answer["asked_by"] == "coordinator"
    assert pmet("ask", "people.profile", "--param", "subject=ref:small/ana", "--as", "intelligence")[0] == 1


def test_templates_and_the_catalogue_need_no_store(pmet: Pmet) -> None:
    assert {q["name"] for q in document(pmet("ask", "--list", "--json"))} >= {"links.between", "places.hotspots"}
    for kind in ("missing", "cpi", "people"):
        code, out, _ = pmet("ingest", "--template", kind)
        assert code == 0
        assert out.count("\n") >= 3
