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

    def done_once(self, viewer: Viewer, key: str, what: str, request: str, act: Callable[[], str]) -> str:
        """
        Do what changes the graph, or give what was answered when it was done under this key before.

        What is given again is what the first request was told; nothing newer is in it.

        Raises
        ------
        ConflictError
            If the key was used for another request, or it was done when the viewer held other things: an old answer never outlives a right.
        """
        digest = hashlib.sha256(f"{what}\n{request}".encode()).hexdigest()
        key = hashlib.sha256(f"done\n{key}".encode()).hexdigest()
        holds = hashlib.sha256("\n".join(sorted(viewer.held)).encode()).hexdigest()
        under, _, answer = self._answered(viewer, key, what[:40], digest, lambda: f"{holds}\n{act()}").partition("\n")
        if under != holds:
            error = ConflictError("this was done already, when you held other rights; read how it stands now")
            self._audit.refused(viewer, Action.ASK_QUESTION, what[:40], error)
            raise error
        return answer

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
