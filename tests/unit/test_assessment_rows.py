"""An assessment as each audience is shown it."""

import datetime as dt
from typing import Any

from graph_service.services import assessment_rows as rows
from graph_service.store.work import WorkRow
from queries.records import FAR_FUTURE, FAR_PAST

NOW = dt.datetime(2026, 3, 4, tzinfo=dt.UTC)
ANSWERS: dict[str, Any] = {"home_late": "yes", "who_else": "Rex", "times": 3}
CONTENT: dict[str, Any] = {
    "instrument": "a-form", "title": "A form", "version": "1", "at": "2026-03-01", "by": "Sal Demonstration", "answers": ANSWERS,
    "answered": [{"group": "g", "name": name, "label": name, "clause": "1", "answer": said} for name, said in ANSWERS.items()],
    "score": {}, "judgement": {"band": "high", "reason": "Rex."}, "grading": {"police": "low", "reason": "Rex."}, "follows": [],
    "pack": "p 1", "windows": [], "conditions": [], "text": "Rex.",
}  # fmt: skip


def shown(*, with_text: bool) -> dict[str, Any]:
    row = WorkRow(
        "assessment:one", "person_assessment", "uid", 1, CONTENT, 1, 1, "satellite", "social_care", "Rex.", "C", "assessment", NOW, NOW,
        FAR_FUTURE, FAR_PAST, FAR_FUTURE, "within", "c", 1,
    )  # fmt: skip
    return rows.from_work(row, None, with_text=with_text)


def test_nothing_that_was_typed_is_shown_under_pseudonyms_however_short() -> None:
    told = shown(with_text=False)
    assert "Rex" not in repr(told)
    assert "Sal" not in repr(told)
    assert told["answers"] == {"home_late": "yes", "times": 3}
    assert shown(with_text=True)["answers"] == ANSWERS
