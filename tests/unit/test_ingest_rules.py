"""The rules that a user is told: each is used, each is explained, and the documentation of a bundle is right."""

import re
from pathlib import Path

from ingest_memory import MemoryWriter

import ingest
from ingest.bundle import COLUMNS
from ingest.pipeline import run
from ingest.problems import rules

PACKAGE = Path(ingest.__file__).parent
DOCUMENT = PACKAGE.parent / "docs" / "bundle.md"


def test_every_rule_is_used_and_every_one_used_is_explained() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted(PACKAGE.glob("*.py")))
    quoted = set(re.findall(r'"([a-z_]+)"', code))
    assert not [rule for rule in rules() if rule not in quoted]
    told = set(re.findall(r'(?:\.warn|\.error|_bad)\([^()]*?"([a-z_]+)"\)', code))
    assert "unknown_agency" in told
    assert told - rules().keys() == set()


def test_every_column_of_a_bundle_is_documented() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for columns in COLUMNS.values():
        assert not [column for column in columns if f"`{column}`" not in text]


def test_the_example_of_the_documentation_comes_in_as_it_says(tmp_path: Path) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for name, content in re.findall(r"`([a-z]+\.(?:csv|json))`:\n\n```\w+\n(.*?)```", text, re.DOTALL):
        (tmp_path / name).write_text(content, encoding="utf-8")
    report = run("bundle", [tmp_path], MemoryWriter())
    assert report.problems == []
    assert report.as_json()["added"] == {"subjects": 5, "claims": 6, "reports": 3}
