"""What is documented is what is there: settings, commands and the two commands of the README."""

import re
from pathlib import Path

from typer.main import get_command

from graph_service.cli import app
from graph_service.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    there = {f"PMET_{name.upper()}" for name in Settings.model_fields}
    documented = set(re.findall(r"`(PMET_[A-Z0-9_]+)`", OPERATING))
    assert documented == there


def test_every_command_of_the_readme_exists() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    for words in re.findall(r"^pmet (\S+)(?: (\S+))?", README, re.MULTILINE):
        assert words[0] in commands, words


def test_the_two_commands_are_targets() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test", "bench", "nightly"):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
    assert "make demo" in README
    assert "make test" in README


def test_no_committed_file_names_a_package_index() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        text = lock.read_text(encoding="utf-8")
        assert "http" not in re.sub(r"^(httpcore|httpx)\S*.*$", "", text, flags=re.MULTILINE)
        assert "--hash=sha256:" in text


def test_every_picture_and_page_that_the_documentation_links_to_is_there() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).is_file(), f"{page.name} links to {target}"
