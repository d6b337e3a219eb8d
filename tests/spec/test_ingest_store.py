"""The whole way in, on a real store: what is held after a file, after the same file, and after an import that was killed."""

import gzip
import json
from pathlib import Path

import pytest
from ingest_memory import REPORT, BundleFolder, KilledError, write_table

import ingest
from graph_service.bootstrap import Service
from graph_service.store.bolt import BoltStore
from graph_service.store.census import Census
from graph_service.store.writer import StoreWriter
from ingest.pipeline import run
from ingest.rows import ROWS
from ingest.templates import template
from queries.loader import load
from queries.records import Batch, Written

SAMPLE = Path(ingest.__file__).parent / "data" / "portsmouth-2018-10_2019-01.csv.gz"


class Killed(StoreWriter):
    """Dies before the batch of this position."""

    at = 2

    def write(self, batch: Batch, *, run: str, position: int) -> Written:
        if position == self.at:
            raise KilledError
        return super().write(batch, run=run, position=position)


def census(store: BoltStore) -> Census:
    (row,) = store.read(load("store.counter").text, {"name": "claims"}, seconds=5)
    return Census.parse(row["census"])


def test_the_same_street_crimes_in_another_file_give_an_equal_census(store: BoltStore, tmp_path: Path) -> None:
    lines = gzip.decompress(SAMPLE.read_bytes()).splitlines(keepends=True)[:601]
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.write_bytes(b"".join(lines))
    other.write_bytes(b"".join([lines[0], *reversed(lines[1:])]))
    first = run("police-crime", [one], StoreWriter(store))
    before = census(store)
    again = run("police-crime", [other], StoreWriter(store))
    assert (first.written.claims, again.written.claims) == (600, 0)
    assert census(store).hash == before.hash
    assert before.as_json()["claims"] == {"AT": 600}
    assert before.as_json()["reports"] == 600


def test_a_killed_import_goes_on(store: BoltStore, tmp_path: Path) -> None:
    path = BundleFolder(tmp_path / "bundle").write()
    with pytest.raises(KilledError):
        run("bundle", [path], Killed(store))
    report = run("bundle", [path], StoreWriter(store))
    assert report.written.claims == 1
    killed = census(store)
    run("bundle", [path], StoreWriter(store))
    assert census(store).hash == killed.hash


def test_an_edition_on_the_store(store: BoltStore, tmp_path: Path) -> None:
    bundle = BundleFolder(tmp_path / "bundle")
    bundle.reports.append({"report_ref": "r2", **REPORT, "handling": "C", "conditions": "originator"})
    bundle.claims.append({**bundle.claims[0], "claim_ref": "c2", "report_ref": "r2"})
    run("bundle", [bundle.write()], StoreWriter(store))
    bundle.claims.pop()
    writer = StoreWriter(store)
    assert run("bundle", [bundle.write()], writer, dry_run=True).withdrawn == 1
    report = run("bundle", [bundle.write()], writer)
    assert json.loads(json.dumps(report.as_json()))["withdrawn"] == 1
    assert writer.held_claims({"solent/c1": "KNOWS", "solent/c2": "KNOWS"}) == {"solent/c1"}


def test_a_located_report_that_came_first_takes_the_sight_of_the_opening(store: BoltStore, tmp_path: Path) -> None:
    lines = template("missing").splitlines()
    header = list(ROWS["missing"].model_fields)
    opening, located = (dict(zip(header, line.split(","), strict=True)) for line in lines[1:])
    located |= {"handling": "C", "conditions": "originator"}
    writer = StoreWriter(store)
    run("missing", [write_table(tmp_path / "located.csv", header, [located])], writer)
    run("missing", [write_table(tmp_path / "opening.csv", header, [opening])], writer)
    claims = {claim.role: claim for claim in writer.involved(["police:episode/EP-EX-001"])}
    assert claims["located"].sight == claims["missing"].sight
    before = census(store).hash
    run("missing", [write_table(tmp_path / "again.csv", header, [located, opening])], writer)
    assert census(store).hash == before


@pytest.mark.parametrize("kind", ["missing", "cpi", "conversation", "assessment", "people"])
def test_a_template_comes_in_on_the_store(store: BoltStore, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "example.csv"
    path.write_text(template(kind), encoding="utf-8")
    first = run(kind, [path], StoreWriter(store)).written
    assert first.reports > 0
    assert (first.claims > 0) == (kind != "assessment")
    before = census(store).hash
    again = run(kind, [path], StoreWriter(store)).written
    assert (again.subjects, again.claims, again.reports) == (0, 0, 0)
    assert census(store).hash == before


def test_what_a_child_told_is_asked_like_any_other_claim(service: Service, tmp_path: Path) -> None:
    for kind in ("conversation", "assessment"):
        path = tmp_path / f"{kind}.csv"
        path.write_text(template(kind), encoding="utf-8")
        service.imports.run(service.operator("test"), kind, [path])
    coordinator, satellite = (service.viewer(who, "test") for who in ("coordinator", "satellite"))
    (ana,) = [row for row in service.find(coordinator, "Ana Exampleby") if row["kind"] == "child"]
    given = {"subject": ana["uid"]}
    (profile,) = service.questions.ask(coordinator, "people.profile", given, as_known_at=None)["rows"]
    assert profile["claims"] == {"INVOLVED_IN": 1, "KNOWS": 1}
    # A band is shown with its assessment, beside its reasons, and never as something that a child is.
    assert "medium" not in str(profile["attributes"])
    told = service.questions.ask(coordinator, "people.timeline", given, as_known_at=None)["rows"]
    (row,) = [row for row in told if row["type"] == "INVOLVED_IN"]
    assert row["what"].endswith("; push: conflict at the placement; pull: someone met online, food")
    assert [factor["code"] for factor in row["factors"]] == ["conflict_at_placement", "met_online", "food"]
    links = service.questions.ask(coordinator, "peers.network", given, as_known_at=None)["rows"]
    assert {kind for link in links for kind in link["kinds"]} == {"incident", "knows_strength"}
    # Ana's rows are handled C: they do not exist for somebody who is not cleared.
    assert service.find(satellite, "Ana Exampleby") == []
