"""A reader's own choice of claims: by relation, period, grade and handling. It leaves out what they may see, never what they may not."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from queries.errors import ParameterError
from queries.projection import FAR_FUTURE_MS, FAR_PAST_MS, Bools, ClaimColumns, Ints
from queries.vocabulary import CLAIM_TYPES, TYPE_CODES, UNGRADED, information_rank

UNGRADED_WORD: Final = "ungraded"
GRADES: Final = ("A", "B", "C", "D", UNGRADED_WORD, "E")  # strongest first
RELATIONS: Final = tuple(name for name, kind in CLAIM_TYPES.items() if kind.traversed)


@dataclass(frozen=True, slots=True)
class ClaimFilter:
    """
    Which claims may be used. As it stands without values, all.

    Attributes
    ----------
    relations
        Claim types; empty for all.
    happened_from, happened_to
        A period, half-open, milliseconds UTC: a claim is in it when what it says touches it anywhere, or has no time.
    weakest
        The weakest information grade, one of `GRADES`; a legacy grade counts by its place in its own scheme.
    handling
        `any`, or `P` for what may go to every partner.

    Raises
    ------
    ParameterError
        If a relation, grade or handling is not one of these words.
    """

    relations: tuple[str, ...] = ()
    happened_from: int = FAR_PAST_MS
    happened_to: int = FAR_FUTURE_MS
    weakest: str = GRADES[-1]
    handling: str = "any"

    def __post_init__(self) -> None:
        if not set(self.relations) <= set(RELATIONS):
            raise ParameterError("relations", f"use all, or some of {', '.join(RELATIONS)}")
        if self.weakest not in GRADES:
            raise ParameterError("weakest", f"use one of {', '.join(GRADES)}")
        if self.handling not in {"any", "P"}:
            raise ParameterError("handling", "use any or P")

    @property
    def leaves_out(self) -> bool:
        """Whether anything may be left out at all."""
        return self != ClaimFilter()

    def passes(self, claims: ClaimColumns, rows: Ints) -> Bools:
        """Say of each of these rows whether it may be used."""
        found = np.ones(len(rows), np.bool_)
        for test in self._tests().values():
            found &= test(claims, rows)
        return found

    def left_out(self, claims: ClaimColumns, rows: Ints) -> dict[str, Ints]:
        """Give, by the name of each filter that is set, those of these rows that it leaves out."""
        return {name: rows[~test(claims, rows)] for name, test in self._tests().items()}

    def _tests(self) -> "dict[str, Callable[[ClaimColumns, Ints], Bools]]":
        found: dict[str, Callable[[ClaimColumns, Ints], Bools]] = {}
        if self.relations:
            codes = [TYPE_CODES[name] for name in self.relations]
            found["relations"] = lambda claims, rows: np.isin(claims.type[rows], codes)
        if (self.happened_from, self.happened_to) != (FAR_PAST_MS, FAR_FUTURE_MS):
            found["period"] = self._in_period
        if self.weakest != GRADES[-1]:
            rank = UNGRADED if self.weakest == UNGRADED_WORD else information_rank(self.weakest, "3x5x2")
            found["weakest"] = lambda claims, rows: np.asarray(claims.information_rank[rows] <= rank, np.bool_)
        if self.handling != "any":
            found["handling"] = lambda claims, rows: np.asarray(claims.handling[rows] == self.handling, np.bool_)
        return found

    def _in_period(self, claims: ClaimColumns, rows: Ints) -> Bools:
        started, ended = claims.happened_from[rows], claims.happened_to[rows]
        touches = (ended > self.happened_from) | (started >= self.happened_from)
        return np.asarray(touches & (started < self.happened_to), np.bool_)


EVERY_CLAIM: Final = ClaimFilter()
