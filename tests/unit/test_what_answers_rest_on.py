"""What an answer says of what it rests on: its handling, and what is graded as suspected false."""

from graphs import SECRET, World, claim, mention, projection_of, report, subject

from graph_service.services.questions import highest_handling, suspected_false
from queries.projection import FAR_FUTURE_MS, VisibleGraph, visible_graph
from queries.sight import OPEN


def graph(*, strict: str = "") -> VisibleGraph:
    """One person said to know thirteen others, by a report suspected false; `strict` is a claim that is handled so."""
    people = [f"p{number:02}" for number in range(14)]
    claims = [claim(f"c{number:02}", "p00", "KNOWS", who, "false") for number, who in enumerate(people[1:])]
    claims += [claim("x1", "p00", "KNOWS", "p01", "true"), claim("x2", "p00", "DENIED", "p01", "false")]
    reports = [report("true", grade="1-A"), report("false", grade="1-E")]
    world = World(
        [subject(key, "child") for key in people], reports, [mention(key, report="true") for key in people], claims
    )
    secret = SECRET[0]
    for row in claims:
        row["sight"] = secret if row["claim_id"] == strict else OPEN.sid
    return visible_graph(projection_of(world), [secret], FAR_FUTURE_MS - 1)


def test_what_is_graded_as_suspected_false_is_named_wherever_in_a_row_it_is() -> None:
    rows = [{"evidence": ["x1"], "hops": [{"claims": ["c03", "not there"]}]}, {"evidence": ["x2"]}]
    assert suspected_false(graph(), rows) == ["Rests in part on what is graded as suspected false: c03, x2."]


def test_nothing_is_said_where_nothing_is_so_graded() -> None:
    assert suspected_false(graph(), [{"evidence": ["x1", "zz"]}, {"evidence": []}, {"claims": 3}]) == []


def test_of_many_the_first_ten_are_named() -> None:
    (told,) = suspected_false(graph(), [{"evidence": [f"c{number:02}" for number in range(13)]}])
    assert told.endswith(": c00, c01, c02, c03, c04, c05, c06, c07, c08, c09 and 3 more.")


def test_an_answer_is_handled_as_its_strictest_claim() -> None:
    found = graph(strict="c03")
    rows = [[{"evidence": [name]}] for name in ("c02", "c03", "x2", "absent")]
    assert [highest_handling(found, row) for row in rows] == ["P", "C", "P", "P"]
