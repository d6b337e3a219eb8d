"""The demonstration city is made of records that the store takes, of people whom nobody could be."""

import datetime as dt
import hashlib
import os
import re
import subprocess
import sys
from itertools import chain
from typing import Any

import pytest
from city_graph import END, CityGraph, city_graph

from ingest import synthetic
from queries.records import FAR_FUTURE
from queries.vocabulary import AGENCIES, INFORMATION_GRADES, REPORT_KINDS, SOURCE_GRADES, TIME_KNOWN, ends_fit


@pytest.fixture(scope="module")
def city() -> CityGraph:
    return city_graph()


def fingerprint(seed: int) -> str:
    """A hash of all that a city says, sights by their text."""
    found = hashlib.sha256()
    for batch in synthetic.build("city", seed=seed, end=END).batches():
        rows: chain[Any] = chain(batch.subjects, batch.reports, batch.mentions, batch.claims)
        for row in rows:
            values = [getattr(row, name) for name in row.__slots__]
            found.update(repr([getattr(v, "text", v) for v in values if not isinstance(v, dict)]).encode())
    return found.hexdigest()


def test_the_same_seed_gives_the_same_city_and_another_seed_another() -> None:
    assert fingerprint(2026) == fingerprint(2026)
    assert fingerprint(2026) != fingerprint(2027)


def test_the_city_does_not_hang_on_the_order_of_sets() -> None:
    script = "import test_synthetic_records as t; print(t.fingerprint(2026))"
    folders = os.pathsep.join(["tests/unit", "tests", "."])
    found = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": folders},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert found == {f"{fingerprint(2026)}\n"}


def test_batches_can_be_asked_for_again() -> None:
    built = synthetic.build("city", end=END)
    assert list(built.batches()) == list(built.batches())


def test_what_a_claim_names_came_before_it_or_with_it() -> None:
    subjects: set[str] = set()
    reports: set[str] = set()
    for batch in synthetic.build("city", end=END).batches():
        subjects |= {row.key for row in batch.subjects}
        reports |= {row.key for row in batch.reports}
        assert {key for row in batch.claims for key in (row.from_key, row.to_key)} <= subjects
        assert {row.subject_key for row in batch.mentions} <= subjects
        assert {row.report_key for row in batch.claims} <= reports
        assert {row.report_key for row in batch.mentions if row.report_key} <= reports
        assert {row.copied_from for row in batch.reports if row.copied_from} <= reports


def test_no_label_shows_before_the_claims_that_hide_its_subject() -> None:
    named: set[str] = set()
    given: set[str] = set()
    for batch in synthetic.build("city", end=END).batches():
        now = {key for row in batch.claims for key in (row.from_key, row.to_key)}
        places = {row.key for row in batch.subjects if row.kind == "location" and row.subkind != "address"}
        named |= now | places
        given |= {row.subject_key for row in batch.mentions if row.report_key is None}
        assert given <= named


def test_words_are_those_of_the_vocabulary(city: CityGraph) -> None:
    kinds = {key: row.kind for key, row in city.subjects.items()}
    wrong = [row for row in city.claims if not ends_fit(row.type, kinds[row.from_key], kinds[row.to_key])]
    assert wrong == []
    assert {row.time_known for row in city.claims} <= set(TIME_KNOWN)
    for report in city.reports.values():
        assert report.kind in REPORT_KINDS
        assert report.agency in AGENCIES
        if report.scheme:
            assert report.source_eval in SOURCE_GRADES[report.scheme]
            assert report.info_eval in INFORMATION_GRADES[report.scheme]


def test_ids_are_unique(city: CityGraph) -> None:
    claims = [row.claim_id for row in city.claims]
    assert len(claims) == len(set(claims))
    mentions = [row.claim_id for row in city.mentions]
    assert len(mentions) == len(set(mentions))


def test_clocks_run_forward_and_stop_at_the_end(city: CityGraph) -> None:
    close = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
    for row in city.claims:
        assert row.happened_from <= row.happened_to
        assert row.recorded_at <= row.known_from < close
        assert row.happened_from < close
        assert row.happened_to <= close or row.happened_to == FAR_FUTURE
    known_late = [row for row in city.claims if row.known_from - row.recorded_at > dt.timedelta(days=1)]
    assert 0.02 < len(known_late) / len(city.claims) < 0.10


def test_nobody_could_have_these_numbers_plates_or_addresses(city: CityGraph) -> None:
    told = " | ".join(
        [
            *(row.text for row in city.reports.values()),
            *(" | ".join([row.label, *map(str, row.attributes.values())]) for row in city.mentions),
        ]
    )
    phones = re.findall(r"\+?\d[\d ]{9,}", told)
    assert phones
    assert all(re.fullmatch(r"07700 900\d{3}", phone.strip()) for phone in phones)
    plates = re.findall(r"\b[A-Z]{2}\d{2} [A-Z]{3}\b", told)
    assert plates
    assert all(plate.startswith("QQ") for plate in plates)
    assert all(address.endswith("@example.org") for address in re.findall(r"\S+@\S+\.\S+", told))
    surname = r"(Madeup|Example|Invented|Pretend|Fable|Fiction|Sample|Imagined|Storybook|Notreal|Placehold|Figment|Makebelieve|Mockup"
    surname += r"|Nonesuch|Cardboard|Specimen|Dummy|Fabric|Neverwas)[a-z]+"
    children = [row.label for row in city.mentions if row.subject_key.startswith("demo:child/")]
    assert all(re.search(surname, name) for name in children)


def test_reports_blame_nobody(city: CityGraph) -> None:
    blaming = r"promiscuous|prostitut\w*|absconded|absconder|streetwise|lifestyle choice|attention.seeking|choosing to|puts? (him|her|them)self"
    words = re.compile(rf"\b({blaming})\b", re.IGNORECASE)
    assert not any(words.search(row.text) for row in city.reports.values())


def test_a_copy_says_what_its_source_says_under_its_own_agency(city: CityGraph) -> None:
    copies = [row for row in city.reports.values() if row.copied_from]
    assert len(copies) > 20
    for copy in copies:
        source = city.reports[copy.copied_from or ""]
        assert copy.agency != source.agency
        assert (copy.handling, copy.conditions, copy.sight) == (source.handling, source.conditions, source.sight)
        assert copy.known_from > source.known_from
