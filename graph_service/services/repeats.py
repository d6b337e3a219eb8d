"""Requests that carry an `Idempotency-Key`: the same key does the same thing once, under the same rights."""

import hashlib
from collections.abc import Callable

from graph_service.access import Action, Viewer
from graph_service.errors import ConflictError
from graph_service.records.audit import Audit, Event
from graph_service.records.repeats import Repeats as KeptRepeats
from graph_service.services.visible import VisibleGraphs


class Repeats:
    """Gives the first answer to a request that is sent again, and records that it was given again."""

    def __init__(self, kept: KeptRepeats, audit: Audit, graphs: VisibleGraphs) -> None:
        self._kept, self._audit, self._graphs = kept, audit, graphs

    def once(self, viewer: Viewer, key: str, question: str, request: str, act: Callable[[], str]) -> str:
        """
        Answer with `act`, or with what it answered to the same request under this key before.

        Raises
        ------
        ConflictError
            If the key was used for another request, or when the viewer held other things: an old answer never outlives a right.
        """
        holds = "\n".join((viewer.purpose, str(viewer.known_at), *sorted(viewer.held)))
        digest = hashlib.sha256(f"{question}\n{request}\n{holds}".encode()).hexdigest()
        # Nor does it outlive the rows that it was made of: one that has been withdrawn or closed since is not given again.
        key = hashlib.sha256(f"{self._graphs.projection().sequence}\n{key}".encode()).hexdigest()
        return self._answered(viewer, key, question, digest, act)

    def done_once(self, viewer: Viewer, key: str, what: str, request: str, act: Callable[[str], str]) -> str:
        """
        Do what changes the graph, once under this key.

        `act` is given the command that it keeps with what it writes, in the same transaction: so nothing is done twice, wherever the first
        request was cut off. Sent again, it finds what was done and answers with how that stands now, as far as the viewer may see now.

        Raises
        ------
        ConflictError
            If the key was used for another request.
        """
        mine, asked = (
            hashlib.sha256("\n".join(said).encode()).hexdigest()[:32]
            for said in ((viewer.account, key), (what, request))
        )
        return act(f"key:{mine}/{asked}")

    def _answered(self, viewer: Viewer, key: str, question: str, digest: str, act: Callable[[], str]) -> str:
        try:
            kept = self._kept.begin(viewer.account, key, digest)
        except ConflictError as error:
            self._audit.refused(viewer, Action.ASK_QUESTION, question, error)
            raise
        if kept is not None:
            reason = "given again under the same Idempotency-Key"
            self._audit.record(Event.CONSULTATION, viewer, Action.ASK_QUESTION, question=question, reason=reason)
            return kept.response
        try:
            answer = act()
        except BaseException:
            self._kept.forget(viewer.account, key)
            raise
        self._kept.finish(viewer.account, key, 200, answer)
        return answer
