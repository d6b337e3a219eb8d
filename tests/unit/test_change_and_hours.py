"""Two periods compared, against published and computed values; hours by the clock of London."""

import datetime as dt

import pytest
from graphs import HALF_HOUR, START, Row, World, claim, during, mention, projection_of, report, subject
from scipy import stats

from queries.analysis.change import change_of, compared, tell_change
from queries.analysis.hours import hours_of_the_week
from queries.analysis.layers import layer_rows
from queries.errors import ParameterError
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, VisibleGraph, to_milliseconds, visible_graph


def graph_of(*claims: Row, incidents: int = 12) -> VisibleGraph:
    subjects = [subject("ana", "child"), subject("park", "location"), subject("pier", "location")]
    subjects += [subject(f"e{n}", "incident") for n in range(incidents)]
    mentions = [mention("park", label="Park"), mention("pier", label="Pier")]
    return visible_graph(projection_of(World(subjects, [report("r")], mentions, list(claims))), (), FAR_FUTURE_MS - 1)


def at(number: int, place: str, from_half_hours: int, to_half_hours: int | None = None, known: str = "exact") -> Row:
    times = during(from_half_hours, from_half_hours if to_half_hours is None else to_half_hours, known)
    return claim(f"a{number}{place}", f"e{number}", "AT", place, "r", role="found_at", **times)


def moment(text: str) -> Row:
    when = to_milliseconds(dt.datetime.fromisoformat(text))
    return {"happened_from": when, "happened_to": when, "time_known": "exact"}


@pytest.mark.parametrize(("before", "after"), [(3, 9), (20, 20), (0, 6), (7, 0), (1, 1), (140, 96)])
@pytest.mark.parametrize(("span_before", "span_after"), [(1.0, 1.0), (92.0, 61.0)])
def test_a_change_has_the_exact_interval_and_test_of_the_binomial(
    before: int, after: int, span_before: float, span_after: float
) -> None:
    found = change_of(before, after, span_before=span_before, span_after=span_after)
    total, share = before + after, span_after / (span_before + span_after)
    low = stats.beta.ppf(0.025, after, before + 1) if after else 0.0
    high = stats.beta.ppf(0.975, after + 1, before) if before else 1.0
    odds = span_before / span_after
    assert found.low == pytest.approx(low / (1 - low) * odds)
    assert found.high == (None if high == 1 else pytest.approx(high / (1 - high) * odds))
    # The test, by adding up every outcome that is no likelier than the one seen.
    chances = stats.binom.pmf(range(total + 1), total, share)
    seen = chances[after]
    assert found.p_value == pytest.approx(sum(chance for chance in chances if chance <= seen * (1 + 1e-7)))
    assert found.ratio == (None if not before else pytest.approx(after / before * odds))


def test_two_rates_are_compared_as_in_the_documentation_of_r() -> None:
    """`poisson.test(c(11, 6+8+7), c(800, 1083+1050+878))` of R: lung cancer in Fredericia against three other cities."""
    found = change_of(21, 11, span_before=3011, span_after=800)
    assert found.p_value == pytest.approx(0.07967, abs=5e-6)
    assert (found.low, found.high) == (pytest.approx(0.8584264), pytest.approx(4.2772659))
    assert found.ratio == pytest.approx(1.971488, abs=1e-6)


def test_a_change_is_told_in_words_with_what_chance_could_do() -> None:
    assert "seldom make such a rise" in tell_change(change_of(2, 20))
    assert "seldom make such a fall" in tell_change(change_of(20, 2))
    assert "Chance alone could" in tell_change(change_of(5, 6))
    assert "ratio cannot be given" in tell_change(change_of(0, 6))
    assert tell_change(change_of(0, 0)) == "No events in either period."


def test_an_event_is_in_the_period_that_holds_its_middle() -> None:
    graph = graph_of(
        at(1, "park", 0), at(2, "park", 9), at(3, "park", 10), at(3, "pier", 10), at(4, "pier", 4, 40, "within"),
        claim("x", "e5", "AT", "park", "r", role="found_at"),
    )  # fmt: skip
    first, then = (START, START + 10 * HALF_HOUR), (START + 10 * HALF_HOUR, START + 30 * HALF_HOUR)
    found = compared(graph, "found_at", before=first, after=then)
    assert (found.whole.change.before, found.whole.change.after, found.untimed) == (2, 2, 1)
    places = {graph.subjects[p.place or 0].key[-4:]: (p.change.before, p.change.after) for p in found.places}
    assert places == {"park": (2, 1), "pier": (0, 2)}
    assert found.whole.change.ratio == pytest.approx(0.5)  # as many in twice the time
    with pytest.raises(ParameterError, match="overlap"):
        compared(graph, "found_at", before=(START, then[1]), after=then)
    with pytest.raises(ParameterError, match="later end"):
        compared(graph, "found_at", before=(START, START), after=then)


def test_hours_are_those_of_london_in_summer_and_winter() -> None:
    graph = graph_of(
        claim("s", "e1", "AT", "park", "r", role="found_at", **moment("2026-07-03T22:30:00+00:00")),
        claim("w", "e2", "AT", "park", "r", role="found_at", **moment("2026-12-04T22:30:00+00:00")),
        claim("w2", "e2", "AT", "pier", "r", role="found_at", **moment("2026-12-05T01:30:00+00:00")),
        at(3, "park", 0, 700, "within"),
        claim("x", "e4", "AT", "park", "r", role="found_at"),
    )
    week = hours_of_the_week(graph, layer_rows(graph, "found_at", FAR_PAST_MS, FAR_FUTURE_MS))
    # Friday night: 11pm in summer, 10pm in winter; an event is in one hour, that of its earliest claim.
    assert [(h.weekday, h.hour, h.events) for h in week.hours] == [(4, 22, 1), (4, 23, 1)]
    assert week.without_an_hour == 2
    assert week.hours[0].evidence == ("w", "w2")
