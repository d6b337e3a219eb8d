"""How one entry of the audit trail follows from the one before it, and the anchor that remembers where the trail ends."""

import datetime as dt
import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from graph_service.errors import AuditUnavailableError
from graph_service.records.keys import Keys
from graph_service.records.tables import AUDIT_ENTRY

GENESIS: Final = "0" * 64
# Everything but the code itself is under it, the code of the entry before included.
CHAINED: Final = tuple(column.name for column in AUDIT_ENTRY.columns if column.name != "mac")
_LINE_BYTES: Final = 200
_WRITE: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
# Neither may stand in a uid, so that two different lists are never written alike.
SEPARATORS: Final = ("\x1e", "\x1f")


def mac_of(key: bytes, columns: Sequence[Any]) -> str:
    """Give the authentication code of an entry: over every column of `CHAINED` in that order, as one JSON list."""
    return hmac.digest(key, _WRITE(columns).encode("utf-8", "surrogatepass"), "sha256").hex()


def objects_hash(objects: Iterable[tuple[str, str]]) -> str:
    """Give the hash of what an entry was about: each uid with its part, in order of uid. Nothing has the empty hash."""
    told = sorted(objects)
    if not told:
        return ""
    text = SEPARATORS[0].join([uid + SEPARATORS[1] + part for uid, part in told])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the trail ended at some moment: its number of entries, and the code of the last one."""

    count: int
    head: str


class AnchorFile:
    """
    Keeps the latest anchor beside the database, since a chain alone cannot tell that its end was cut off.

    It only ever moves forward. It may lag behind the trail by what a crash interrupted; it is never ahead of it. One line
    of fixed length is overwritten in place: it lies within one sector, so a power cut leaves the old or the new one.
    """

    def __init__(self, path: Path, keys: Keys) -> None:
        self._path, self._keys = path, keys
        self._lock = FileLock(f"{path}.lock", timeout=5, mode=0o600, thread_local=False)

    @property
    def exists(self) -> bool:
        """Whether there is an anchor at all."""
        return self._path.is_file()

    def read(self) -> Anchor | None:
        """
        Give the anchor; none where the file is missing.

        Raises
        ------
        AuditUnavailableError
            If the file was changed by another hand than ours.
        """
        try:
            line = self._path.read_text(encoding="ascii")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError):
            line = ""
        parts = line.split()
        if len(parts) != 3 or not hmac.compare_digest(parts[2], self._sign(parts[0], parts[1])):
            raise AuditUnavailableError(
                f"the audit anchor {self._path} is damaged or was changed; run `pmet audit verify` and restore it from a backup"
            )
        return Anchor(int(parts[0]), parts[1])

    def advance(self, anchor: Anchor, *, force: bool = False) -> None:
        """Move the anchor forward to here; one that is further on stays, unless `force`."""
        try:
            with self._lock:
                known = None if force else self.read()
                if known is not None and known.count >= anchor.count:
                    return
                text = f"{anchor.count} {anchor.head} {self._sign(str(anchor.count), anchor.head)}"
                file = os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600)
                try:
                    os.pwrite(file, text.ljust(_LINE_BYTES - 1).encode() + b"\n", 0)
                finally:
                    os.close(file)
        except (OSError, Timeout):
            raise AuditUnavailableError(
                f"the audit anchor {self._path} cannot be written; check the rights of PMET_HOME and the free disk space"
            ) from None

    def _sign(self, count: str, head: str) -> str:
        return hmac.digest(self._keys.key("anchor"), f"anchor:{count}:{head}".encode(), hashlib.sha256).hex()


def now() -> dt.datetime:
    """Give this moment in UTC."""
    return dt.datetime.now(dt.UTC)
