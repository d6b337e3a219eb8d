"""
What an instrument says of a set of answers: a band, or that it does not say.

A score never decides. It says where it comes from, clause by clause, and where the document is silent it says "undefined here, judgement
needed": nothing is filled in. Pure; the rules are the data of `pathway.instruments`.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from graph_service.pathway.instruments import Answers, Group, Instrument

YES: Final = "yes"
NO: Final = "no"
UNDEFINED: Final = "Undefined here, judgement needed"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, in a sentence, and the clause that it follows from."""

    text: str
    clause: str


@dataclass(frozen=True, slots=True)
class Score:
    """
    A band with its reasons. `undefined`: the instrument names none for these answers, so `band` is None and judgement is needed.

    `at_least` is set where a rule forbids a band and names no other: the band given is then the lowest that is left.
    """

    band: str | None
    points: int | None
    undefined: bool
    because: tuple[Reason, ...]
    at_least: bool = False

    def as_row(self) -> dict[str, Any]:
        """Give the score as the pages and the API show it."""
        return {
            "band": self.band,
            "points": self.points,
            "undefined": self.undefined,
            "at_least": self.at_least,
            "because": [{"text": reason.text, "clause": reason.clause} for reason in self.because],
        }


def score(asked: Instrument, answers: Answers, *, born: dt.date | None = None, at: dt.date | None = None) -> Score:
    """
    Score checked answers (`instruments.read_answers`).

    Parameters
    ----------
    asked
        The version of the instrument.
    answers
        What was answered; items left out are not answered.
    born
        The child's date of birth where it is known.
    at
        The day, in London, that the answers are about; needed to work an age out.

    Notes
    -----
    `thresholds`: the first rule whose counts fit gives the band; then what forbids a band. A fact that would forbid the band, and is not
    known, makes it undefined. `points`: the sum over items, and the highest band that it reaches. `judgement`: always undefined.
    """
    if asked.kind == "points":
        return _by_points(asked, answers)
    if asked.kind == "judgement":
        # Nothing is published to work out.
        return _undefined([Reason(asked.rules["undefined_text"], asked.rules["undefined_clause"])])
    return _by_thresholds(asked, answers, age_on(born, at))


def age_on(born: dt.date | None, at: dt.date | None) -> int | None:
    """Give whole years of age on a day; on 28 February for someone born on the 29th, the birthday is 1 March. None: not known."""
    if born is None or at is None or born > at:
        return None
    return at.year - born.year - ((at.month, at.day) < (born.month, born.day))


def _undefined(because: list[Reason]) -> Score:
    return Score(None, None, True, (*because, Reason(UNDEFINED, because[-1].clause)))


def _by_points(asked: Instrument, answers: Answers) -> Score:
    total, because = 0, []
    for group in asked.groups:
        points, counted = 0, 0
        for item in group.items:
            answer = answers.get(item.name)
            if item.kind == "number":
                number = int(answer or 0)
                points += number * group.points[item.counts_as]
                counted += number
            elif answer in group.points:
                points += group.points[str(answer)]
                counted += 1
        total += points
        because.append(Reason(f"{group.title}: {_many(counted, 'item')}, {_many(points, 'point')}", group.clause))
    reached = max((row for row in asked.rules["points_bands"] if total >= row["least"]), key=lambda row: row["least"])
    because.append(Reason(f"{_many(total, 'point')} in all: band {reached['band']}", reached["clause"]))
    return Score(reached["band"], total, False, tuple(because))


def _by_thresholds(asked: Instrument, answers: Answers, age: int | None) -> Score:
    counts = {group.name: _yes(group, answers) for group in asked.groups}
    because = [
        Reason(f"{counts[group.name]} of {len(group.items)}: {group.title.lower()}", group.clause)
        for group in asked.groups
        if group.name in asked.bands and counts[group.name]
    ]
    because += _age_cautions(asked, answers, age)
    allowed, reasons = _by_counts(asked.rules, counts)
    because += reasons
    forbidden, silent, facts = _by_overrides(asked.rules, answers, age)
    because += facts if allowed else ()
    unweighted = asked.rules["unweighted"]
    if counts[unweighted["group"]]:
        because.append(
            Reason(
                f"{_many(counts[unweighted['group']], 'vulnerability factor')}: {unweighted['text']}",
                unweighted["clause"],
            )
        )
    left = [band for band in allowed if band not in forbidden]
    if allowed and not left:
        # Every band that the counts allow is forbidden: the lowest that is not, above them.
        above = asked.bands[asked.bands.index(allowed[-1]) + 1 :]
        left = [band for band in above if band not in forbidden][:1]
    because += [silent[band] for band in left if band in silent]
    if len(left) != 1 or left[0] in silent:
        return _undefined(because)
    at_least = bool(forbidden & set(allowed))
    if at_least:
        because.append(Reason(f"So at the least {left[0]}; whether it is higher is for judgement", facts[0].clause))
    return Score(left[0], None, False, tuple(because), at_least)


def _by_counts(rules: Mapping[str, Any], counts: Mapping[str, int]) -> tuple[list[str], list[Reason]]:
    """Give the bands that the counts allow, lowest first (none: the document names none), and why."""
    for rule in rules["undefined"]:
        if _fits(rule, counts):
            return list(rule["between"]), [Reason(rule["text"], rule["clause"])]
    for rule in rules["thresholds"]:
        if _fits(rule, counts):
            reasons = [Reason(f"{rule['band'].capitalize()}: {rule['text']}", rule["clause"])]
            if "note" in rule:
                reasons.append(Reason(rule["note"], rule["note_clause"]))
            return [rule["band"]], reasons
    return [], []


def _by_overrides(
    rules: Mapping[str, Any], answers: Answers, age: int | None
) -> tuple[set[str], dict[str, Reason], list[Reason]]:
    """Give the bands that a fact forbids, those that a fact not known may forbid (with what to say), and the facts that forbid."""
    forbidden: set[str] = set()
    silent: dict[str, Reason] = {}
    facts: list[Reason] = []
    for rule in rules["overrides"]:
        answer = str(answers.get(rule["fact"], "not_known"))
        if "below_age" in rule and age is not None:
            # What protects more counts where the date of birth and the answer differ.
            answer = YES if age < rule["below_age"] or answer == YES else NO
        if answer == YES:
            forbidden.add(rule["never"])
            facts.append(Reason(rule["text"], rule["clause"]))
        elif answer != NO:
            silent.setdefault(rule["never"], Reason(rule["unknown"], rule["clause"]))
    return forbidden, silent, facts


def _age_cautions(asked: Instrument, answers: Answers, age: int | None) -> list[Reason]:
    """Say where an item, or an answer, gives an age that the date of birth does not."""
    found = [
        Reason(f"An indicator for a child under {item.below_age} is recorded; by the date of birth the child is {age}. Look at both", item.clause)
        for item in asked.items.values()
        if item.below_age is not None and age is not None and age >= item.below_age and answers.get(item.name) == YES
    ]  # fmt: skip
    told = answers.get("under_13")
    if age is not None and told in (YES, NO) and (told == YES) != (age < 13):
        item = asked.items["under_13"]
        found.append(
            Reason(
                f"The answer and the date of birth differ: by the date the child is {age}. Look at both", item.clause
            )
        )
    return found


def _fits(rule: Mapping[str, Any], counts: Mapping[str, int]) -> bool:
    least, most = rule.get("least", {}), rule.get("most", {})
    return all(counts[group] >= n for group, n in least.items()) and all(
        counts[group] <= n for group, n in most.items()
    )


def _yes(group: Group, answers: Answers) -> int:
    return sum(answers.get(item.name) == YES for item in group.items)


def _many(n: int, word: str) -> str:
    return f"{n} {word}" if n == 1 else f"{n} {word}s"
