"""The partnership's own list of homes and placements: what it may say, when it is read, and that a bad one shows nothing."""

import os
from pathlib import Path

import pytest

from graph_service.errors import SettingsError
from graph_service.services.homes import HomesFile
from graph_service.settings import Settings
from queries.analysis.homes import NO_LIST, Circle, HomeList


def listed(path: Path, text: str) -> HomesFile:
    path.write_text(text, encoding="utf-8")
    return HomesFile(lambda: path)


def test_a_list_has_names_and_positions_and_its_other_columns_are_not_read(tmp_path: Path) -> None:
    text = "\ufeffPlace,latitude,Longitude,radius_metres,name\nref:small/house,,,,Invented House\n,50.8,-1.08,,A\nuid-1,50.9,-1.1,40,B\n,,,,\n"
    found = listed(tmp_path / "homes.csv", text).current()
    assert found == HomeList(frozenset({"small/house", "uid-1"}), (Circle(50.8, -1.08, 50.0), Circle(50.9, -1.1, 40.0)))


def test_a_list_is_read_again_when_it_has_changed_and_missed_when_it_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "homes.csv"
    homes = listed(path, "place\none\n")
    assert homes.current().names == {"one"}
    path.write_text("place\ntwo and more\n", encoding="utf-8")
    assert homes.current().names == {"two and more"}
    path.unlink()
    with pytest.raises(SettingsError, match="cannot be read"):
        homes.current()


def test_a_list_that_appears_later_is_found(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    homes = HomesFile(lambda: settings.homes)
    assert homes.current() == NO_LIST
    (tmp_path / "homes.csv").write_text("place\none\n", encoding="utf-8")
    assert homes.current().names == {"one"}


@pytest.mark.parametrize(
    "text",
    [
        "name\nInvented House\n",
        "place,latitude,longitude\n,50.8,\n",
        "latitude,longitude\n950.8,-1.08\n",
        "latitude,longitude,radius_metres\n50.8,-1.08,100000\n",
        "latitude,longitude,name\n,,Invented House\n",
    ],
    ids=["no-column", "half-a-position", "off-the-earth", "too-wide", "neither"],
)
def test_a_list_that_cannot_be_used_is_refused_without_saying_what_is_in_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError) as refused:
        listed(tmp_path / "homes.csv", text).current()
    assert "Invented" not in str(refused.value)
    assert "950" not in str(refused.value)
    assert os.fspath(tmp_path) not in str(refused.value)
