"""What the graph store should hold, kept outside it: a damaged store serves what is left in silence."""

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import sqlalchemy as sa

from graph_service.errors import AuditUnavailableError
from graph_service.records.chain import now
from graph_service.records.database import Database
from graph_service.records.keys import Keys
from graph_service.records.tables import CENSUS, written

_KEPT: Final = 1000


class CensusRecord:
    """Keeps the census of the store, each under a key, so that nobody can make the record fit a damaged store."""

    def __init__(self, database: Database, keys: Keys, clock: Callable[[], dt.datetime] = now) -> None:
        self._database, self._keys, self._clock = database, keys, clock

    def keep(self, sequence: int, census: Mapping[str, Any]) -> None:
        """Keep a census (counts and hashes as JSON) that was taken at a sequence number of the store."""
        moment = self._clock()
        counts = json.dumps(census, sort_keys=True, separators=(",", ":"))
        row = {"taken_at": moment, "sequence": sequence, "counts": counts, "mac": self._mac(moment, sequence, counts)}
        with self._database.writing() as connection:
            connection.execute(CENSUS.insert(), [row])
            newest = connection.execute(sa.select(sa.func.max(CENSUS.c.id))).scalar_one()
            connection.execute(CENSUS.delete().where(CENSUS.c.id <= newest - _KEPT))

    def latest(self) -> tuple[int, dict[str, Any]] | None:
        """
        Give the sequence number and the counts of the latest census; none if none was kept.

        Raises
        ------
        AuditUnavailableError
            If the record was changed by another hand than ours.
        """
        with self._database.reading() as connection:
            row = connection.execute(sa.select(CENSUS).order_by(CENSUS.c.id.desc()).limit(1)).first()
        if row is None:
            return None
        if not hmac.compare_digest(row.mac, self._mac(row.taken_at, row.sequence, row.counts)):
            raise AuditUnavailableError(
                "the kept census was changed; compare with a backup, then run `pmet store check`"
            )
        return row.sequence, json.loads(row.counts)

    def _mac(self, moment: dt.datetime, sequence: int, counts: str) -> str:
        text = f"{written(moment)}\x1f{sequence}\x1f{counts}"
        return hmac.digest(self._keys.key("census"), text.encode(), hashlib.sha256).hex()
