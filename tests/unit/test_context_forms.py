"""What is typed into the forms of a context, and the two pictures made of it."""

from graph_service.web.change_picture import change_picture
from graph_service.web.context_forms import PARTS, read_content, rows_to_show
from graph_service.web.weighting_picture import weighting_picture


def test_what_was_typed_comes_back_as_content_and_empty_rows_are_left_out() -> None:
    typed = {
        "actions-0-what": "Light the stop",
        "actions-0-lead": "Lee Exampleby",
        "actions-0-by": "2026-12-09",
        "actions-0-state": "in_hand",
        "actions-1-state": "to_do",
        "actions-7-what": "Talk to drivers\r\nand shops",
        "goals-0-what": "Fewer incidents",
        "goals-0-measure": "incidents_here",
        "goals-1-what": "Leaflets",
        "goals-1-effort": "yes",
    }
    content = read_content(PARTS["plan"], typed)
    assert [row["what"] for row in content["actions"]] == ["Light the stop", "Talk to drivers\nand shops"]
    assert content["actions"][1]["by"] is None
    assert [(row["measure"], row["effort"]) for row in content["goals"]] == [("incidents_here", False), (None, True)]


def test_a_rank_is_a_number_and_what_is_no_number_is_kept_to_be_refused() -> None:
    typed = {
        "weighting-0-rank": "2",
        "weighting-0-what": "The stop",
        "weighting-0-evidence": "e1",
        "weighting-1-rank": "first",
    }
    rows = read_content(PARTS["weighting"], typed)["weighting"]
    assert [(row["rank"], row["evidence"]) for row in rows] == [(2, ["e1"]), ("first", [])]


def test_content_that_is_kept_comes_back_the_same_from_its_own_form() -> None:
    for part in PARTS.values():
        content = read_content(part, {"lead": "lee"})
        for field in part.fields:
            if field.has_rows:
                content[field.name] = [{column.name: _typed(column.kind) for column in field.columns} for _ in range(3)]
            else:
                content[field.name] = "One line\nand another"
        form = {field.name: content[field.name] for field in part.fields if not field.has_rows} | {
            "lead": content.get("lead", "")
        }
        for field in part.fields:
            for at, row in enumerate(rows_to_show(field, content)) if field.has_rows else ():
                for column in field.columns:
                    value = row[column.name]
                    form[f"{field.name}-{at}-{column.name}"] = value[0] if isinstance(value, list) else value
        expected = dict(content)
        assert read_content(part, form) == _as_read(part, expected)


def _typed(kind: str) -> object:
    return {"tick": True, "number": 3, "date": "2026-12-09", "choice": "one"}.get(kind, "words")


def _as_read(part: object, content: dict[str, object]) -> dict[str, object]:
    for rows in content.values():
        if isinstance(rows, list):
            for row in rows:
                if "evidence" in row and isinstance(row["evidence"], str):
                    row["evidence"] = [row["evidence"]]
    return content


def test_what_must_change_first_has_the_longest_bar_and_equal_ranks_equal_bars() -> None:
    picture = weighting_picture(
        [
            {"rank": 2, "what": "School"},
            {"rank": 1, "what": "Stop"},
            {"rank": 2, "what": "App"},
            {"rank": "", "what": "?"},
        ]
    )
    assert [bar.what for bar in picture.bars] == ["Stop", "School", "App"]
    widths = [bar.width for bar in picture.bars]
    assert widths[0] > widths[1] == widths[2]


def test_before_and_after_share_one_scale() -> None:
    picture = change_picture(
        {
            "before": {"count": 10, "low": 5.0, "high": 20.0, "weeks": 12.0},
            "after": {"count": 5, "low": 2.0, "high": 12.0, "weeks": 12.0},
        }
    )
    before, after = picture.bars
    assert before.length == 2 * after.length
    assert before.high == picture.width
    assert after.said == "5 in 12 weeks"
    assert change_picture({"before": {"count": None}, "after": {"count": 3, "low": 1, "high": 6}}).bars == ()
    assert change_picture({"effort": True}).bars == ()


def test_no_row_is_dropped_however_many_there_are() -> None:
    typed = {f"actions-{number}-what": f"Action {number}" for number in range(200)}
    assert len(read_content(PARTS["plan"], typed)["actions"]) == 200
