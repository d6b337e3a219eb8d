"""Subjects as a viewer may know them, made when they are looked at: a graph of a city has far more than any answer names."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from queries.columns import KIND_ORDER, Bools, Ints, Objects, Projection
from queries.vocabulary import HUB_SUBKINDS

_DAY_NOUGHT = dt.date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Subject:
    """
    A subject as a viewer may know it: one, or several that visible claims say are the same.

    `uid` is the smallest visible one of `members`; `key` the smallest source key; `ref` is `BUNDLE/REF` where it came by a bundle.
    """

    uid: str
    kind: str
    label: str
    key: str
    subkind: str = ""
    ref: str | None = None
    members: tuple[str, ...] = ()
    latitude: float = float("nan")
    longitude: float = float("nan")
    born: dt.date | None = None

    @property
    def is_hub_by_kind(self) -> bool:
        """Whether it is a place of a kind that joins too many people to make a path through it."""
        return self.subkind in HUB_SUBKINDS

    @property
    def has_position(self) -> bool:
        """Whether a visible mention gives its position."""
        return self.latitude == self.latitude


def reference_of(key: str) -> str | None:
    """Give the `BUNDLE/REF` by which a subject of this source key can be named; None for what came neither by a bundle nor by the demonstration."""
    if key.startswith("bundle:"):
        return key.removeprefix("bundle:")
    return key.replace("demo:", "demo/", 1) if key.startswith("demo:") else None


class _Made(Sequence[Subject]):
    """A sequence whose subjects are made when first looked at, and kept."""

    def __init__(self, count: int) -> None:
        self._kept: list[Subject | None] = [None] * count

    def __len__(self) -> int:
        return len(self._kept)

    @overload
    def __getitem__(self, at: int) -> Subject: ...
    @overload
    def __getitem__(self, at: slice) -> list[Subject]: ...
    def __getitem__(self, at: int | slice) -> Subject | list[Subject]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        found = self._kept[at]
        if found is None:
            found = self._kept[at] = self._make(int(at) % len(self._kept))
        return found

    def __iter__(self) -> Iterator[Subject]:
        return (self[at] for at in range(len(self)))

    def _make(self, at: int) -> Subject:
        raise NotImplementedError


class Told(_Made):
    """The same subjects as a viewer is told of them: `tell` gives what is said of the one at a position."""

    def __init__(self, subjects: Sequence[Subject], tell: Callable[[int, Subject], Subject]) -> None:
        super().__init__(len(subjects))
        self._subjects, self._tell = subjects, tell

    def _make(self, at: int) -> Subject:
        return self._tell(at, self._subjects[at])


class Known(_Made):
    """
    The subjects of a visible graph, in order of source key.

    Parameters
    ----------
    everything
        Where the values are.
    members
        Positions in `everything` of those that exist for the viewer, one subject's beside each other.
    start
        Where each subject's begin in `members` (length subjects + 1).
    position
        Of each position in `everything` the one here, -1 where hidden.
    shown
        Rows of mentions that the viewer sees, the best first.
    """

    def __init__(self, everything: Projection, members: Ints, start: Ints, position: Ints, shown: Ints) -> None:
        super().__init__(len(start) - 1)
        self._columns, self._mentions = everything.subjects, everything.mentions
        self._members, self._start = members, start
        codes = everything.kind_codes[members]
        first = np.minimum.reduceat(codes, start[:-1]) if len(self) else codes
        self.kinds: Objects = np.array(KIND_ORDER, object)[first]
        mentions = everything.mentions
        of = position[mentions.subject[shown]]
        self._label = self._best(shown, of, mentions.label[shown].astype(np.bool_))
        self._subkind = self._best(shown, of, mentions.subkind[shown].astype(np.bool_))
        self._born = self._best(shown, of, mentions.born[shown] == mentions.born[shown])
        self._placed = self._best(shown, of, mentions.latitude[shown] == mentions.latitude[shown])
        self.subkinds: Objects = np.full(len(self), "", object)
        said = self._subkind >= 0
        self.subkinds[said] = mentions.subkind[self._subkind[said]]

    def _best(self, shown: Ints, of: Ints, says: Bools) -> Ints:
        """Give of each subject the first of its rows that says something; -1 where none does."""
        found = np.full(len(self), -1, np.int64)
        found[of[says][::-1]] = shown[says][::-1]  # of several, the last one written stays
        return found

    def _make(self, at: int) -> Subject:
        columns, mentions = self._columns, self._mentions
        members = self._members[self._start[at] : self._start[at + 1]]
        uids, keys = sorted(columns.uid[members].tolist()), sorted(columns.key[members].tolist())
        label, born, placed = int(self._label[at]), int(self._born[at]), int(self._placed[at])
        return Subject(
            uid=uids[0],
            kind=self.kinds[at],
            label=mentions.label[label] if label >= 0 else "",
            key=keys[0],
            subkind=self.subkinds[at],
            ref=next((name for key in keys if (name := reference_of(key))), None),
            members=tuple(uids),
            latitude=float(mentions.latitude[placed]) if placed >= 0 else float("nan"),
            longitude=float(mentions.longitude[placed]) if placed >= 0 else float("nan"),
            born=_DAY_NOUGHT + dt.timedelta(days=int(mentions.born[born])) if born >= 0 else None,
        )


class Named(Mapping[str, int]):
    """The positions of visible subjects by a name that each has; a name that is hidden is not there."""

    def __init__(
        self, at: Mapping[str, int], position: Ints, names: Objects, name_of: Callable[[str], str | None]
    ) -> None:
        self._at, self._position, self._names, self._name_of = at, position, names, name_of

    def __getitem__(self, name: str) -> int:
        at = self._at.get(name, -1)
        # A subject that came after this graph was made is not in it.
        found = int(self._position[at]) if 0 <= at < len(self._position) else -1
        if found < 0:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        present = self._names[np.flatnonzero(self._position >= 0)].tolist()
        return (name for value in present if (name := self._name_of(value)) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Referenced(Named):
    """The positions of visible subjects by `BUNDLE/REF`."""

    def __getitem__(self, name: str) -> int:
        # What came by the demonstration is named as if by a bundle of that name.
        for key in (f"demo:{name.removeprefix('demo/')}" if name.startswith("demo/") else "", f"bundle:{name}"):
            if key in self._at and (found := int(self._position[self._at[key]])) >= 0:
                return found
        raise KeyError(name)
