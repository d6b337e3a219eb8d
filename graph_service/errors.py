"""
The errors of the service. Only the edge (web, command line) turns them into a status or an exit code.

::

    PmetError                          (queries.errors)
    ├── SettingsError                  a PMET_* variable cannot be used
    ├── NotFoundError                  not there, or not open to this viewer: the two are never told apart
    ├── NotPermittedError              the rules refuse this action to this person
    ├── ConflictError                  someone else changed it first, or it is already there
    │   ├── StaleError                 a change was made to another version than the one that stands now
    │   └── KeyUsedError               the key of a request did something else before
    ├── StoreFaultError                the store refused a statement of ours: a fault of the product
    └── UnavailableError               try again later; exit code 3, status 503
        ├── AuditUnavailableError      the audit trail cannot be written, so no answer is given
        └── StoreUnavailableError      the graph store does not answer
            ├── OutcomeUnknownError    a write was sent and no answer came: send it again under the same command
            ├── DiskFullError          writes are refused until there is room
            └── LocalStoreError        the local Neo4j cannot be fetched, started or trusted
"""

from collections.abc import Mapping
from typing import Any

from queries.errors import PmetError


class SettingsError(PmetError):
    """A setting cannot be used. Names the variables and the rule, never a value."""


class NotFoundError(PmetError):
    """What was asked for is not there, or not open to this viewer; the text is the same for both."""

    def __init__(self, message: str = "nothing here has that name, or it is not open to you") -> None:
        super().__init__(message)


class NotPermittedError(PmetError):
    """The rules refuse this action to this person, whatever it is asked of."""

    def __init__(self, message: str = "your role does not allow this; ask the MET coordinator if it should") -> None:
        super().__init__(message)


class ConflictError(PmetError):
    """Someone else changed the thing first, or it is already there."""

    def __init__(
        self, message: str = "this was changed or added by someone else meanwhile; read it again and repeat"
    ) -> None:
        super().__init__(message)


class StaleError(ConflictError):
    """
    A change was made to another version than the one that stands now: nothing was saved, and nothing of either is lost.

    `current` is the thing as it stands now, as far as whoever tried may see it; None where nothing stands any more.
    """

    def __init__(self, current: Mapping[str, Any] | None = None) -> None:
        super().__init__("this was changed by someone else since you read it; look at what changed, then save again")
        self.current = current


class KeyUsedError(ConflictError):
    """The key of a request has done something else before; nothing was done now, and what was done then stands."""

    def __init__(self, message: str = "this Idempotency-Key was used for another request; use a new one") -> None:
        super().__init__(message)


class StoreFaultError(PmetError):
    """The store refused a statement of the product. Carries the store's code, never its text, which may quote a person's data."""

    def __init__(self, code: str, advice: str = "") -> None:
        super().__init__(
            f"the graph store refused a statement ({code}){f': {advice}' if advice else ''}; please report this"
        )
        self.code = code


class UnavailableError(PmetError):
    """Something that every answer needs is not available; trying again later may work."""


class AuditUnavailableError(UnavailableError):
    """The audit trail cannot be written, so no answer is given."""

    def __init__(
        self, message: str = "the audit trail cannot be written, so nothing is shown; try again shortly"
    ) -> None:
        super().__init__(message)


class StoreUnavailableError(UnavailableError):
    """The graph store does not answer."""

    def __init__(
        self, message: str = "the graph store does not answer; try again shortly, or see `pmet store status`"
    ) -> None:
        super().__init__(message)


class OutcomeUnknownError(StoreUnavailableError):
    """A write was sent and no answer came. Sent again under the same command id, it takes effect once."""

    def __init__(
        self, message: str = "the store did not say whether this was saved; send it again, it will not be saved twice"
    ) -> None:
        super().__init__(message)


class DiskFullError(StoreUnavailableError):
    """Too little room is left on the disk of the local store to write safely."""

    def __init__(self, free_bytes: int, floor_bytes: int) -> None:
        free, needed = free_bytes // 1_000_000, floor_bytes // 1_000_000
        super().__init__(
            f"the store's disk has {free} MB free and needs {needed} MB to be written to; free some room and repeat"
        )


class LocalStoreError(StoreUnavailableError):
    """The local Neo4j cannot be fetched, configured, started, trusted or stopped."""
