"""
The audit trail: who looked at what, when and why, recorded before any answer goes out.

Sources: Data Protection Act 2018 s.62 (the six events) and s.40; Caldicott principle 1 for the purpose.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from importlib.metadata import version
from typing import Any, Final

import sqlalchemy as sa

from graph_service.access import Action, Decision, Viewer
from graph_service.errors import AuditUnavailableError, NotFoundError, NotPermittedError
from graph_service.records.appending import Appender
from graph_service.records.chain import GENESIS, Anchor, AnchorFile, now, objects_hash
from graph_service.records.database import Database
from graph_service.records.keys import Keys
from graph_service.records.redaction import Redactor
from graph_service.records.tables import AUDIT_ENTRY, AUDIT_OBJECT, written
from graph_service.records.verification import Verification, verify

# Questions that bring records of several people or sources together.
_COMBINING: Final = ("peers.", "episodes.", "places.", "links.")


class Event(StrEnum):
    """What kind of thing happened: the six of Data Protection Act 2018 s.62, and those that keep the service honest."""

    COLLECTION = "collection"
    ALTERATION = "alteration"
    CONSULTATION = "consultation"
    DISCLOSURE = "disclosure"
    COMBINATION = "combination"
    ERASURE = "erasure"
    REFUSAL = "refusal"
    SIGN_IN = "sign_in"
    ACCOUNTS = "accounts"
    OPERATION = "operation"


class Audit:
    """
    Writes, reads and verifies the trail. Safe to share between threads; two processes may append to one trail.

    An entry is on disk when `record` returns. Threads that record at once share one commit, so that the trail is not
    the slowest part of the service. Whoever cannot record gives no answer.
    """

    def __init__(
        self, database: Database, keys: Keys, anchor: AnchorFile, clock: Callable[[], dt.datetime] = now
    ) -> None:
        self._database, self._keys, self._anchor = database, keys, anchor
        self._appender = Appender(database, keys, anchor, clock)
        self._app_version = version("pmet-graph-service")

    def record(
        self,
        event: Event,
        viewer: Viewer | None,
        action: Action | str,
        *,
        question: str = "",
        version: str = "",
        parameters: Mapping[str, Any] | None = None,
        as_known_at: dt.datetime | str | None = None,
        sequence: int | None = None,
        subjects: Iterable[str] = (),
        objects: Iterable[str] = (),
        returned: int | None = None,
        decision: Decision | str = "allow",
        policy_ids: Sequence[str] = (),
        handling: str = "",
        recipients: Sequence[str] = (),
        reason: str = "",
        request_id: str = "",
    ) -> int:
        """
        Record one thing that was done or refused, and return when it is on disk.

        Parameters
        ----------
        event, viewer, action
            What kind of thing, who did it (None: nobody is signed in), and what they did.
        question, version, parameters, as_known_at
            What was asked. Of parameters, free text is kept only as a fingerprint under a key, with its length.
        sequence
            The sequence number of the store up to which was read.
        subjects, objects
            The uids that were asked about, and those that were returned. These answer "who looked at this child?".
        returned
            How many rows went out.
        decision, policy_ids
            What the policy said and by which rule; a `Decision` gives both.
        handling, recipients, reason, request_id
            The highest handling met, to whom it went, a reason from a list (never free text about a person), and the request.

        Returns
        -------
        seq
            The number of the entry.

        Raises
        ------
        AuditUnavailableError
            If it could not be recorded. The caller gives no answer.
        """
        if isinstance(decision, Decision):
            policy_ids = decision.policy_ids
            decision = "allow" if decision.allowed else "deny"
        about = dict.fromkeys(objects, "r") | dict.fromkeys(subjects, "s")
        if any(len(uid) > 120 or not uid.isprintable() for uid in about):
            raise ValueError("an object of an audit entry is a uid, never a text")
        known_at = as_known_at if isinstance(as_known_at, str) else written(as_known_at) if as_known_at else ""
        who = viewer or Viewer("", "", "", "", frozenset(), "")  # type: ignore[arg-type]
        return self._appender.append(
            {
                "event": str(event),
                "action": str(action)[:40],
                "account": who.account,
                "agency": who.agency,
                "role": str(who.role),
                "session": who.session[:40],
                "os_user": who.os_user[:64],
                "purpose": who.purpose[:200],
                "reason": reason,
                "channel": who.channel[:20],
                "source": who.source[:64],
                "question": question[:80],
                "version": version[:80],
                "parameters": Redactor(self._keys.key("parameters")).parameters(parameters or {}),
                "as_known_at": known_at[:27],
                "sequence": sequence,
                "returned": returned,
                "objects": len(about),
                "objects_hash": objects_hash(about.items()),
                "handling": handling,
                "decision": decision,
                "policy_ids": ",".join(policy_ids),
                "recipients": ",".join(recipients),
                "request_id": request_id[:64],
                "app_version": self._app_version,
            },
            sorted(about.items()),
        )

    def answered(
        self,
        viewer: Viewer,
        action: Action,
        envelope: Mapping[str, Any],
        objects: Iterable[str],
        *,
        subjects: Iterable[str] = (),
        decision: Decision | str = "allow",
        sequence: int | None = None,
        handling: str = "",
        request_id: str = "",
    ) -> int:
        """Record that a question was answered, from the envelope of its answer and the uids of all that it shows."""
        name = envelope["question"]["name"]
        return self.record(
            Event.COMBINATION if name.startswith(_COMBINING) else Event.CONSULTATION,
            viewer,
            action,
            question=name,
            version=envelope["question"]["version"],
            parameters=envelope["parameters"],
            as_known_at=envelope["as_known_at"],
            sequence=sequence,
            subjects=subjects,
            objects=objects,
            returned=len(envelope["rows"]),
            decision=decision,
            handling=handling,
            request_id=request_id,
        )

    def searched(self, viewer: Viewer, text: str, objects: Iterable[str], *, request_id: str = "") -> int:
        """Record a search: the fingerprint of what was typed, and the uids of what was found."""
        found = list(objects)
        return self.record(
            Event.CONSULTATION,
            viewer,
            Action.SEARCH,
            question="find",
            parameters={"text": text},
            objects=found,
            returned=len(found),
            request_id=request_id,
        )

    def refused(
        self,
        viewer: Viewer | None,
        action: Action | str,
        what: str,
        error: Exception,
        *,
        parameters: Mapping[str, Any] | None = None,
        subjects: Iterable[str] = (),
        decision: Decision | None = None,
        request_id: str = "",
    ) -> int:
        """Record that something was asked for and not given, and the kind of error, never its text."""
        denied = isinstance(error, NotPermittedError | NotFoundError)
        return self.record(
            Event.REFUSAL,
            viewer,
            action,
            question=what,
            parameters=parameters,
            subjects=subjects,
            returned=0,
            decision="deny" if denied else "failed",
            policy_ids=decision.policy_ids if decision else (),
            reason=type(error).__name__,
            request_id=request_id,
        )

    def fingerprint(self, text: str) -> str:
        """Give the mark under which the trail keeps a text, to look for it there."""
        return Redactor(self._keys.key("parameters")).fingerprint(text)

    def prepare(self) -> None:
        """Make the key and the first anchor of an empty trail; leave those of one that has entries."""
        self._appender.prepare()

    def ready(self) -> bool:
        """Say whether an entry could be recorded now: one is written and taken back, and a write is put on disk."""
        return self._appender.ready()

    def who_looked_at(self, uids: Iterable[str], *, limit: int = 1000) -> list[dict[str, Any]]:
        """
        List who looked at any of these subjects, newest first: one row an entry.

        Give every uid of one person (the members of their component), since each entry keeps those that it showed.
        """
        about = sa.select(AUDIT_OBJECT.c.seq).where(AUDIT_OBJECT.c.uid.in_(list(uids)))
        return self._entries(sa.select(AUDIT_ENTRY).where(AUDIT_ENTRY.c.seq.in_(about)), limit)

    def mine(self, account: str, *, limit: int = 200, before: int | None = None) -> list[dict[str, Any]]:
        """List what one account did, newest first; `before` is the `seq` to go on from."""
        return self.entries(account=account, limit=limit, before=before)

    def entries(
        self, *, account: str | None = None, limit: int = 200, before: int | None = None
    ) -> list[dict[str, Any]]:
        """List entries, newest first; `before` is the `seq` to go on from."""
        chosen = sa.select(AUDIT_ENTRY)
        if account is not None:
            chosen = chosen.where(AUDIT_ENTRY.c.account == account)
        if before is not None:
            chosen = chosen.where(AUDIT_ENTRY.c.seq < before)
        return self._entries(chosen, limit)

    def _entries(self, chosen: "sa.Select[Any]", limit: int) -> list[dict[str, Any]]:
        with self._database.reading() as connection:
            rows = connection.execute(chosen.order_by(AUDIT_ENTRY.c.seq.desc()).limit(limit)).mappings()
            return [{name: value for name, value in row.items() if name not in {"prev", "mac"}} for row in rows]

    def objects_of(self, seq: int) -> list[str]:
        """List the uids that an entry was about."""
        with self._database.reading() as connection:
            return list(connection.scalars(sa.select(AUDIT_OBJECT.c.uid).where(AUDIT_OBJECT.c.seq == seq)))

    def anchor(self) -> Anchor:
        """Give where the trail ends, to be kept elsewhere too: in the store, in backups, on the weekly sheet."""
        with self._database.reading() as connection:
            newest = connection.execute(
                sa.select(AUDIT_ENTRY.c.seq, AUDIT_ENTRY.c.mac).order_by(AUDIT_ENTRY.c.seq.desc()).limit(1)
            ).first()
        return Anchor(newest.seq, newest.mac) if newest else Anchor(0, GENESIS)

    def verify(self, others: Iterable[Anchor] = ()) -> Verification:
        """
        Check the whole trail against its key, its anchor and any `others` that were kept elsewhere.

        Raises
        ------
        AuditUnavailableError
            If the trail or its key cannot be read at all.
        """
        return verify(self._database, self._keys.key("audit"), self._anchor, others)

    def re_anchor(self, viewer: Viewer, reason: str) -> int:
        """
        Accept the trail as it stands, after a restore from a backup, and record who did so and why.

        The chain itself must be whole: only the anchor is replaced, and only what this folder's anchor knew is forgotten.
        """
        found = verify(self._database, self._keys.key("audit"), None, ())
        if not found.ok:
            raise AuditUnavailableError(
                "the audit trail itself was changed; run `pmet audit verify` and restore a backup that is whole"
            )
        self._anchor.advance(self.anchor(), force=True)
        return self.record(Event.OPERATION, viewer, "re_anchor", reason=reason)
