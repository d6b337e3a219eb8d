"""
Publishing a count that changes, in steps so large that no two editions can be subtracted to a small one.

What is published of a count and its parts follows from how they went, moment by moment, and from nothing else: not from who asked, nor when
or in which order. So nothing need be stored, and a past moment is answered as it was then. Source: the 5-and-over rule of the partnership's
own figures; Cox (1980) on complementary suppression, here also across editions.

Caveat in plain English: a published figure may lag behind, the whole by up to four, and the moment at which it moves tells that a fifth became
known.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from queries.projection import Ints

if TYPE_CHECKING:
    from collections.abc import Callable

#: The smallest count that is published, and the smallest step.
LEAST: Final = 5
#: Numbers, and rows of them: arrays where it is compiled, and lists where it is not, which plain Python reads faster.
Row: TypeAlias = Any
Table: TypeAlias = Any
#: Of so many changes or fewer the rule is followed in plain Python before a compiler has started.
_SMALL: Final = 30_000


@dataclass(frozen=True, slots=True)
class Edition:
    """What is published from a moment (milliseconds UTC) on: the whole, and each part; 0 is not published."""

    moment: int
    whole: int
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Histories:
    """
    How several counts went, one after another, each in its own parts.

    `moments` are ascending within each count; those of count `i` are `moments[starts[i]:starts[i + 1]]`, and it has `parts[i]` parts, the first of
    which is never published by itself (what has no date), and guards the rest. `row` (ascending), `part` and `change` say by how much a part of a
    count changed at which moment.
    """

    moments: Ints
    starts: Ints
    parts: Ints
    row: Ints
    part: Ints
    change: Ints


def editions(moments: Sequence[int], counts: Ints) -> list[Edition]:
    """
    Give what is published of a count over time, an edition whenever that changes.

    Parameters
    ----------
    moments
        When the count changed, ascending, milliseconds UTC.
    counts
        A row a moment: how many there were then in each part. Parts do not overlap, and make up the whole. The first part is never published by
        itself (what has no date), and guards the rest.

    Returns
    -------
    editions
        The first comes when the whole reaches `LEAST`. The whole then moves to the true count once it is off by `LEAST` or more, and the parts
        with it, as many as leave nothing small to be worked out: neither what is left of the whole, nor the change since any earlier edition. A
        part that cannot be told stays as it was told last, unless it has fallen by `LEAST`: then it is not published. A whole that fell to within
        a step of an earlier edition returns to that.

    Notes
    -----
    What readers know for certain is a table of parts by spans between editions, of which they see the sums over all parts and, for some parts,
    over runs of spans. Each such sum, and each remainder of nested ones, is nought or at least `LEAST`. `O(moments x parts + editions^2 x parts)`.
    """
    if not len(moments):
        return []
    changes = np.diff(counts, axis=0, prepend=np.zeros((1, counts.shape[1]), np.int64))
    row, part = np.nonzero(changes)
    (found,) = editions_of(
        Histories(
            np.array(moments, np.int64), np.array([0, len(moments)]), np.array([counts.shape[1]]), row, part, changes[row, part]
        )
    )  # fmt: skip
    return found


def editions_of(histories: Histories) -> Iterator[list[Edition]]:
    """Give what is published of each of several counts over time, as `editions` does. Compiled where much has changed."""
    follow = _plain if len(histories.row) <= _SMALL else _quick
    starts, row = histories.starts.tolist(), histories.row
    ends = np.searchsorted(row, histories.starts).tolist()
    for number, parts in enumerate(histories.parts.tolist()):
        first, last = starts[number], starts[number + 1]
        here = slice(ends[number], ends[number + 1])
        table = np.zeros((last - first, parts), np.int64)
        np.add.at(table, (row[here] - first, histories.part[here]), histories.change[here])
        table = table.cumsum(axis=0)
        yield follow(histories.moments[first:last], table) if table.sum(axis=1).max(initial=0) >= LEAST else []


def _plain(moments: Ints, table: Ints) -> list[Edition]:
    at, whole, shown, *room = (numbers.tolist() for numbers in _room(*table.shape))
    new = _follow(table.tolist(), at, whole, shown, *room)
    return [Edition(int(moments[m]), w, tuple(p)) for m, w, p in zip(at[:new], whole[:new], shown[:new], strict=True)]


def _quick(moments: Ints, table: Ints) -> list[Edition]:
    at, whole, shown, *room = _room(*table.shape)
    new = _compiled()(table, at, whole, shown, *room)
    columns = moments[at[:new]], whole[:new], shown[:new]
    return [Edition(m, w, tuple(p)) for m, w, p in zip(*(column.tolist() for column in columns), strict=True)]


def _room(moments: int, parts: int) -> tuple[Ints, ...]:
    """Give what `_follow` writes, and works in."""
    shapes = [*[(moments,)] * 2, (moments, parts), *[(moments + 1,)] * 2, *[(moments + 1, parts)] * 2, *[(parts,)] * 5]
    return tuple(np.zeros(shape, np.int64) for shape in shapes)


@cache
def _compiled() -> "Callable[..., int]":
    from queries.analysis.compiling import compiled

    return compiled(_follow)


def _follow(  # noqa: C901, PLR0912, PLR0915  one rule, in one place
    table: Table,
    rows: Row,
    found_whole: Row,
    found_shown: Table,
    wholes: Row,
    change: Row,
    showed: Table,
    told: Table,
    last: Row,
    latest: Row,
    shown: Row,
    now: Row,
    steps: Row,
) -> int:
    """
    Follow a count, of which the table has a row a moment and a column a part. It is compiled.

    Written are the rows at which an edition comes, its whole, and what it shows; given is how many there are. The rest is room to work in.

    What readers have been told for certain of each edition `e` so far, of which the first is that everything was nought: the whole `wholes[e]`;
    each part that was brought up to date in it, `told[e]` (-1: not); and all that it `showed`. Between it and now the parts that were told in it
    or later, which are those with `latest >= e`, are known to have changed by `change[e]` in all, from what each was told to be first to `last`.
    """
    moments, parts, size, whole, found = len(table), len(last), 1, 0, 0
    for at in range(moments):
        row, total, has_fallen = table[at], 0, False
        for part in range(parts):
            total += row[part]
            has_fallen |= shown[part] - row[part] >= LEAST
        if (total == whole and not has_fallen) or (total != whole and abs(total - whole) < LEAST):
            continue
        for part in range(parts):
            now[part] = 0 if shown[part] - row[part] >= LEAST else shown[part]
        now_whole = whole
        if total < LEAST:
            now_whole = 0
            for part in range(parts):
                now[part] = 0
        else:
            # Between this edition and each before it the whole changes by nought or a step.
            leaves_small, many = False, 0
            for one in range(size):
                if 0 < abs(total - wholes[one]) < LEAST:
                    leaves_small = True
                    break
            for part in range(1, parts):
                # A part's new value is a step away from every other that was told of it.
                steps[part] = 0
                if not leaves_small and row[part] >= LEAST and row[part] != shown[part]:
                    steps[part] = 1
                for one in range(size if steps[part] else 0):
                    if told[one][part] >= 0 and 0 < abs(told[one][part] - row[part]) < LEAST:
                        steps[part] = 0
                        break
                many += steps[part]
            while not leaves_small:
                # So does what is left of that change when every part that was told in both is taken away.
                for one in range(size):
                    rest = total - wholes[one] - change[one]
                    for part in range(1, parts):
                        if steps[part] and latest[part] >= one:
                            rest -= row[part] - last[part]
                    if 0 < abs(rest) < LEAST:
                        leaves_small = True
                        break
                if not leaves_small or many == 0:
                    break
                # The least change goes first: what is told is then as near to the truth as it may be.
                least = 0
                for part in range(1, parts):
                    if steps[part] and (least == 0 or abs(row[part] - shown[part]) < abs(row[least] - shown[least])):
                        least = part
                steps[least], leaves_small = 0, False
                many -= 1
            if leaves_small:
                # Return to the earlier edition that is nearest to the truth, without what has fallen since; stay, where none is nearer.
                nearest = size - 1
                for one in range(size - 1, -1, -1):
                    if abs(wholes[one] - total) < abs(wholes[nearest] - total):
                        nearest = one
                if abs(wholes[nearest] - total) < abs(whole - total):
                    now_whole = wholes[nearest]
                    for part in range(parts):
                        was = showed[nearest][part]
                        now[part] = 0 if was - row[part] >= LEAST else was
            elif total != whole or many:
                now_whole = total
                wholes[size] = total
                for part in range(parts):
                    told[size][part] = -1
                    if steps[part]:
                        now[part] = told[size][part] = row[part]
                        for one in range(latest[part] + 1):
                            change[one] += row[part] - last[part]
                        last[part], latest[part] = row[part], size
                    showed[size][part] = now[part]
                size += 1
        is_new = now_whole != whole
        for part in range(parts):
            is_new |= now[part] != shown[part]
            shown[part] = now[part]
        whole = now_whole
        if is_new:
            rows[found], found_whole[found] = at, whole
            for part in range(parts):
                found_shown[found][part] = shown[part]
            found += 1
    return found
