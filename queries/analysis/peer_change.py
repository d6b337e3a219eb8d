"""
What changed among peers between two dates: links that are new, gone quiet or stronger, and who joined or left which group.

A network at a date is made of what happened in the days before it, so that the two are alike in length. A link that is not reported again has
gone quiet; it has not ended. A claim that says no time is in both.

Source: Greene, Doyle and Cunningham (2010), ASONAM, 176 (groups followed by the Jaccard index of their members).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from queries.analysis.groups import Group, peer_groups
from queries.analysis.peer_graph import links_in, strength_of
from queries.analysis.peers import CROWD, PeerLink
from queries.analysis.ties import FIRM
from queries.projection import VisibleGraph

DAY_MS: Final = 24 * 60 * 60 * 1000
#: A link is stronger when it grew by so much: its occasions about doubled.
STRONGER: Final = 1.0
#: Two groups of the two dates are one where they have at least this Jaccard index.
SAME_GROUP: Final = 0.3

What = Literal["new", "quiet", "stronger"]


@dataclass(frozen=True, slots=True)
class ChangedLink:
    """A link (positions, in order) that is `new`, `quiet` or `stronger`, with its strength at both dates (0: none), and the claims of both."""

    what: What
    a: int
    b: int
    before: float
    after: float
    kinds: tuple[str, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangedGroup:
    """
    A group at the later date, at the earlier one, or at both (`likeness` above 0), with who joined and who left (positions).

    `members` are those of the later date; of a group that is no longer found, those of the earlier.
    """

    what: Literal["new", "gone", "changed"]
    members: tuple[int, ...]
    joined: tuple[int, ...]
    left: tuple[int, ...]
    likeness: float
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """Links, those of the greatest change first, and groups, largest first."""

    links: tuple[ChangedLink, ...]
    groups: tuple[ChangedGroup, ...]


def peer_changes(
    graph: VisibleGraph,
    *,
    earlier: int,
    later: int,
    days: int,
    kinds: Iterable[str] | None = None,
    subject: int | None = None,
    crowd: int = CROWD,
) -> Changes:
    """
    Compare the peer network of the days before one date with that of the days before another.

    Parameters
    ----------
    graph
        What the viewer may see.
    earlier, later
        The two dates, milliseconds UTC; each network ends there, exclusive.
    days
        How many days each looks back over.
    kinds
        Kinds of link, of `queries.analysis.peers.KINDS`. Default: all.
    subject
        Only links of this person (position), and groups that they are or were part of.
    crowd
        Something that more people than this share in a period makes no link in it, as in `queries.analysis.peers`.

    Notes
    -----
    Only firm ties (`queries.analysis.ties.FIRM`) are told as new or quiet: what rests on one crowded place comes and goes by chance.

    Raises
    ------
    ParameterError
        If there is no such kind of link, or `crowd` is out of its range.
    """
    wanted = None if kinds is None else tuple(kinds)
    periods = [(end - days * DAY_MS, end) for end in (earlier, later)]
    before, after = (
        {
            (link.a, link.b): link
            for link in links_in(graph, happened_from=start, happened_to=end, kinds=wanted, crowd=crowd)
        }
        for start, end in periods
    )
    links = [
        changed
        for pair in sorted(before.keys() | after.keys())
        if (subject is None or subject in pair) and (changed := _changed(pair, before.get(pair), after.get(pair)))
    ]
    was, now = (
        peer_groups(graph, happened_from=start, happened_to=end, kinds=wanted, crowd=crowd) for start, end in periods
    )
    groups = [group for group in _followed(was, now) if subject is None or subject in {*group.members, *group.left}]
    links.sort(key=lambda link: (-abs(link.after - link.before), link.a, link.b))
    return Changes(tuple(links), tuple(groups))


def _changed(pair: tuple[int, int], before: PeerLink | None, after: PeerLink | None) -> ChangedLink | None:
    was, now = (0.0 if link is None else strength_of(link) for link in (before, after))
    what: What
    if was < FIRM <= now:
        what = "new"
    elif now < FIRM <= was:
        what = "quiet"
    elif was and now - was >= STRONGER:
        what = "stronger"
    else:
        return None
    links = [link for link in (before, after) if link]
    kinds = tuple(dict.fromkeys(kind for link in links for kind in link.kinds))
    return ChangedLink(
        what, *pair, was, now, kinds, tuple(sorted({claim for link in links for claim in link.evidence}))
    )


def _followed(was: list[Group], now: list[Group]) -> list[ChangedGroup]:
    """Pair the groups of the two dates, the most alike first, and tell what is left over."""
    alike = sorted(
        ((_likeness(one, other), i, j) for i, one in enumerate(was) for j, other in enumerate(now)),
        key=lambda found: (-found[0], found[1], found[2]),
    )
    partner: dict[int, tuple[int, float]] = {}
    taken: set[int] = set()
    for likeness, i, j in alike:
        if likeness >= SAME_GROUP and i not in taken and j not in partner:
            partner[j] = i, likeness
            taken.add(i)
    found = []
    for j, group in enumerate(now):
        if j not in partner:
            found.append(ChangedGroup("new", group.members, group.members, (), 0.0, group.evidence))
            continue
        i, likeness = partner[j]
        one, other = set(was[i].members), set(group.members)
        if one != other:
            joined, left = tuple(sorted(other - one)), tuple(sorted(one - other))
            evidence = tuple(sorted({*was[i].evidence, *group.evidence}))
            found.append(ChangedGroup("changed", group.members, joined, left, likeness, evidence))
    gone = [group for i, group in enumerate(was) if i not in taken]
    found += [ChangedGroup("gone", group.members, (), group.members, 0.0, group.evidence) for group in gone]
    return sorted(found, key=lambda group: (-len(group.members), group.members, group.what))


def _likeness(one: Group, other: Group) -> float:
    a, b = set(one.members), set(other.members)
    return len(a & b) / len(a | b)
