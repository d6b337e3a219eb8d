"""
What children said of why, in the Return Home Conversations about their episodes: coded push and pull factors, each with who wrote it down.

Only what a visible conversation says of this child in this episode is told. A conversation that is not known to be about an episode is about
none of them, and one that was copied is one. What a child said once is no trait of the child.

Source: Portsmouth MET Integrated Pathway 9.8 and 9.10.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from queries.factors import FACTORS, Factor
from queries.projection import VisibleGraph

CONVERSATION: Final = "return_conversation"


@dataclass(frozen=True, slots=True)
class Told:
    """
    A factor, and in how many `conversations` (distinct roots along `copied_from`) it was named.

    `episodes` are the incidents (positions) that they are about, `reports` the uids of the reports, `evidence` the claim ids.
    """

    factor: Factor
    conversations: int
    episodes: tuple[int, ...]
    reports: tuple[str, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Conversations:
    """The claims (rows) by which a conversation was held with a child about an incident, by both (positions)."""

    graph: VisibleGraph
    rows: Mapping[tuple[int, int], list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, graph: VisibleGraph) -> "Conversations":
        """Find them; `O(claims)` with numpy, and a step of Python for each claim of a conversation."""
        claims, found = graph.claims, defaultdict[tuple[int, int], list[int]](list)
        involved = graph.of_type("INVOLVED_IN")
        for row in involved[claims.factors[involved] != 0].tolist():
            if graph.reports.kind[claims.report[row]] == CONVERSATION:
                found[int(claims.a[row]), int(claims.b[row])].append(row)
        return cls(graph, dict(found))

    def about(self, absences: Iterable[tuple[int, int]]) -> tuple[int, list[Told]]:
        """
        Say what was told of these absences (incident and child, positions).

        Returns
        -------
        conversations
            How many independent conversations were about them.
        told
            The factors that they name, those of most conversations first, then in the order of the vocabulary.
        """
        graph = self.graph
        rows = [(row, incident) for incident, child in absences for row in self.rows.get((child, incident), ())]
        bits = np.array([graph.claims.factors[row] for row, _ in rows], np.int64)
        told = []
        for at, factor in enumerate(FACTORS):
            said = [rows[n] for n in np.flatnonzero(bits >> at & 1).tolist()]
            if said:
                told.append(
                    Told(
                        factor,
                        len(graph.roots(row for row, _ in said)),
                        tuple(dict.fromkeys(incident for _, incident in said)),
                        tuple(sorted({str(graph.reports.uid[graph.claims.report[row]]) for row, _ in said})),
                        tuple(sorted({str(graph.claims.claim_id[row]) for row, _ in said})),
                    )
                )
        return len(graph.roots(row for row, _ in rows)), sorted(told, key=lambda one: -one.conversations)
