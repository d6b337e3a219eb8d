"""Whether the service can answer: a real query on the store, and a real write of the audit trail."""

from graph_service.records.audit import Audit
from graph_service.store.bolt import BoltStore


class Health:
    """Readiness."""

    def __init__(self, store: BoltStore, audit: Audit) -> None:
        self._store, self._audit = store, audit

    def ready(self) -> bool:
        """Say whether a query on the store and a write of the audit trail work now."""
        return self._store.ready() and self._audit.ready()
