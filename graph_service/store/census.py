"""
The census: how many of each thing the store holds, and a number that follows from their content alone.

It is added up as rows are written, in the same transaction, and kept with the audit trail outside the store; `pmet store check` reads every
row again and compares. Damaged store files are served silently by the store itself, which is why it is kept apart.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from graph_service.store.content import MODULUS, digest

ENDED = "ended"
WORK_ENDED = "work_ended"


@dataclass
class Census:
    """Counts and content sums by group: `subject:Child`, `claim:AT`, `claim_version:AT`, `derived:SAME_AS`, `mention`, `ended`, `work:plan`."""

    counts: Counter[str] = field(default_factory=Counter)
    sums: Counter[str] = field(default_factory=Counter)

    def add(self, group: str, content: bytes) -> None:
        """Count one row of this content."""
        self.counts[group] += 1
        self.sums[group] = (self.sums[group] + digest(content)) % MODULUS

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a census back from `text`."""
        rows = json.loads(text)
        return cls(
            Counter({group: row[0] for group, row in rows.items()}),
            Counter({group: int(row[1], 16) for group, row in rows.items()}),
        )

    @property
    def text(self) -> str:
        """The census as it is kept: a JSON object, a group to its count and its sum in hexadecimal."""
        return json.dumps({group: [self.counts[group], f"{self.sums[group]:032x}"] for group in sorted(self.counts)})

    @property
    def hash(self) -> str:
        """One value over all content that came from input; what was derived or worked out here is left out."""
        rows = [
            f"{g} {self.counts[g]} {self.sums[g]:032x}"
            for g in sorted(self.counts)
            if not g.startswith(("derived:", "work"))
        ]
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()

    def group(self, prefix: str) -> dict[str, int]:
        """Give the counts of the groups that begin with `prefix:`."""
        return {g.partition(":")[2]: n for g, n in sorted(self.counts.items()) if g.startswith(f"{prefix}:") and n}

    def as_json(self) -> dict[str, object]:
        """Give the shape that `pmet store check --json` prints."""
        return {
            "subjects": self.group("subject"),
            "claims": self.group("claim"),
            "reports": self.counts["report"],
            "derived": self.group("derived"),
            "work": self.group("work"),
            "hash": self.hash,
        }


def claim_group(claim_type: str, *, derived: bool, first: bool) -> str:
    """Give the group that a claim row is counted in: a claim counts once, and its later rows (corrections, reinstatements) apart."""
    return f"{'derived' if derived else 'claim' if first else 'claim_version'}:{claim_type}"


def work_group(kind: str, version: int) -> str:
    """Give the group that a row of work is counted in: a thing counts once, and its later versions apart."""
    return f"{'work' if version == 1 else 'work_version'}:{kind}"


def differences(kept: Census, found: Census) -> list[str]:
    """Say, group by group, where what was found is not what was kept. Names groups and counts, never content."""
    return list(_differences(kept, found))


def _differences(kept: Census, found: Census) -> Iterable[str]:
    for group in sorted({*kept.counts, *found.counts}):
        if kept.counts[group] != found.counts[group]:
            yield f"{group}: {kept.counts[group]} were written, {found.counts[group]} are there"
        elif kept.sums[group] != found.sums[group]:
            yield f"{group}: all {found.counts[group]} are there, but the content of at least one has changed"
