"""
Communities over a range of resolutions and seeds: which sets of people are found again and again, and at which densities.

The constant Potts model asks how strongly each two of a set are tied on average; a density of 1 is one occasion a pair. Unlike modularity it has
no resolution limit: a group of five is found in a city of five hundred children and in one of fifty thousand. No single density is right for
every group, so a set is judged by how long it lives as the density changes.

Sources: Traag, Van Dooren and Nesterov (2011), Physical Review E 84, 016114 (constant Potts model); Traag, Waltman and van Eck (2019),
Scientific Reports 9, 5233 (Leiden); Fortunato and Barthelemy (2007), PNAS 104, 36 (resolution limit).
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import graspologic_native
import numpy as np
from scipy.sparse import csr_array

Name = TypeVar("Name", bound=Hashable)

#: Ties a pair, evenly spaced on a logarithmic scale: from one pair in sixteen met once, to three occasions for every pair.
DENSITIES: Final = tuple(float(2 ** (-4 + 5 * step / 8)) for step in range(9))
SEEDS: Final = 5
SMALLEST: Final = 3
#: A set is found again in a run where some community there has at least this Jaccard index with it.
AGAIN: Final = 0.5
_NOWHERE: Final = -1


@dataclass(frozen=True, slots=True)
class Lasting(Generic[Name]):
    """
    A set of names that lasts.

    `likeness` is the mean over all runs of the Jaccard index with the community there that is most like it; `found_again` the share of runs in
    which that is at least `AGAIN`; `densities` those at which it is found again in at least half of the seeds, lowest first.
    """

    members: frozenset[Name]
    likeness: float
    found_again: float
    densities: tuple[float, ...]

    @property
    def density(self) -> float:
        """The middle of the densities at which it lives, on a logarithmic scale."""
        return float(np.exp(np.mean(np.log(self.densities)))) if self.densities else DENSITIES[-1]


def lasting_sets(
    ties: Iterable[tuple[Name, Name, float]], *, densities: Sequence[float] = DENSITIES, seeds: int = SEEDS
) -> list[Lasting[Name]]:
    """
    Find the sets of three or more that last longest; of two sets that share more than half of the smaller one, the one that lasts longer.

    Parameters
    ----------
    ties
        Two names and the strength between them (above 0). Their order decides ties between equally good divisions: give them by source key.
    densities
        At which to look, lowest first.
    seeds
        How many times at each.

    Returns
    -------
    sets
        Longest lasting first; then larger ones, then in order of where names first stand in `ties`.

    Notes
    -----
    `O(densities x seeds)` runs of Leiden, each nearly linear in the number of ties.
    """
    listed = list(ties)
    if not listed:
        return []
    names = list(dict.fromkeys(name for a, b, _ in listed for name in (a, b)))
    number = {name: at for at, name in enumerate(names)}
    network = tie_matrix(len(names), [(number[a], number[b], strength) for a, b, strength in listed])
    runs = [(density, communities(network, density, seed)) for density in densities for seed in range(seeds)]
    home = [_home(len(names), groups) for _, groups in runs]
    found = [_lasting(group, runs, home, seeds) for group in sorted({g for _, gs in runs for g in gs}, key=sorted)]
    found.sort(key=lambda one: (-round(one.likeness, 9), -len(one.members), sorted(one.members)))
    kept: list[Lasting[int]] = []
    taken: dict[int, list[int]] = defaultdict(list)
    for one in found:
        shared = Counter(number for at in one.members for number in taken[at])
        if all(2 * both <= min(len(one.members), len(kept[number].members)) for number, both in shared.items()):
            for at in one.members:
                taken[at].append(len(kept))
            kept.append(one)
    return [
        Lasting(frozenset(names[at] for at in one.members), one.likeness, one.found_again, one.densities)
        for one in kept
    ]


def tie_matrix(nodes: int, ties: Sequence[tuple[int, int, float]]) -> csr_array:
    """Give ties between nodes `0 … nodes - 1` as a symmetric matrix of strengths; those of the same two are added up."""
    one, other, strength = (np.array(column) for column in zip(*ties, strict=True))
    ends, far = np.concatenate([one, other]).astype(np.int32), np.concatenate([other, one]).astype(np.int32)
    made = csr_array((np.tile(strength.astype(float), 2), (ends, far)), shape=(nodes, nodes))
    made.sum_duplicates()
    return made


def communities(network: csr_array, density: float, seed: int) -> list[frozenset[int]]:
    """Run Leiden once, under the constant Potts model, on a `tie_matrix`: communities of three or more, in order of their first node."""
    _, of = graspologic_native.leiden_csr(
        network.indptr.astype(np.int64),
        network.indices.astype(np.int32),
        network.data,
        network.shape[0],
        resolution=density,
        seed=seed,
        use_modularity=False,
    )
    found: dict[int, list[int]] = defaultdict(list)
    for at in range(network.shape[0]):
        found[of[at]].append(at)
    return [frozenset(group) for group in found.values() if len(group) >= SMALLEST]


def _home(nodes: int, groups: Iterable[frozenset[int]]) -> list[int]:
    """Give of every node the number of the community that it is in."""
    found = [_NOWHERE] * nodes
    for number, group in enumerate(groups):
        for at in group:
            found[at] = number
    return found


def _lasting(
    group: frozenset[int],
    runs: Sequence[tuple[float, list[frozenset[int]]]],
    home: Sequence[Sequence[int]],
    seeds: int,
) -> Lasting[int]:
    likenesses = []
    again: Counter[float] = Counter()
    for (density, groups), where in zip(runs, home, strict=True):
        shared: dict[int, int] = {}
        for at in group:
            number = where[at]
            shared[number] = shared.get(number, 0) + 1
        shared.pop(_NOWHERE, None)
        best = 0.0
        for number, both in shared.items():
            best = max(best, both / (len(group) + len(groups[number]) - both))
        likenesses.append(best)
        again[density] += best >= AGAIN
    lives = tuple(sorted(density for density, times in again.items() if 2 * times >= seeds))
    return Lasting(group, float(np.mean(likenesses)), sum(again.values()) / len(runs), lives)
