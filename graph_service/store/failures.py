"""What an error of the driver means for a call: whether to repeat it, and what the caller is told. Server text goes no further."""

from enum import Enum, auto
from typing import Final

from neo4j.exceptions import (
    AuthError,
    ConfigurationError,
    ConnectionAcquisitionTimeoutError,
    ConstraintError,
    DriverError,
    IncompleteCommit,
    Neo4jError,
)

from graph_service.errors import (
    ConflictError,
    LocalStoreError,
    OutcomeUnknownError,
    SettingsError,
    StoreFaultError,
    StoreUnavailableError,
)
from queries.errors import PmetError

# These quote our own statement, not its parameters, and say what is wrong with it.
_ABOUT_OUR_TEXT: Final = ("Neo.ClientError.Statement.SyntaxError", "Neo.ClientError.Statement.ParameterMissing")
_STOPPED: Final = ("TransactionStartFailed", "TransactionLogError", "DatabaseUnavailable")


class Meaning(Enum):
    """What is known of the transaction that failed."""

    REPEAT = auto()
    """It was rolled back, and may work if repeated."""
    LOCKED_OUT = auto()
    """The account is locked for some seconds, since someone gave wrong passwords."""
    UNKNOWN = auto()
    """No answer came: it may have been committed."""
    FINAL = auto()
    """It did not happen, and repeating it would not help."""


def meaning(error: BaseException) -> Meaning:
    """Say what is known of a transaction that ended in `error`."""
    if isinstance(error, ConnectionAcquisitionTimeoutError | ConfigurationError):
        return Meaning.FINAL
    # An error of the connection or its waiting: TimeoutError is an OSError.
    if isinstance(error, IncompleteCommit | DriverError | OSError):
        return Meaning.UNKNOWN
    if not isinstance(error, Neo4jError):
        return Meaning.FINAL
    code = error.code or ""
    # Both are called transient, and would only fill the memory again.
    if "OutOfMemory" in code or "MemoryLimit" in code:
        return Meaning.FINAL
    if code.endswith("AuthenticationRateLimit"):
        return Meaning.LOCKED_OUT
    return Meaning.REPEAT if error.is_retryable() and not code.endswith(_STOPPED) else Meaning.FINAL


def told(error: BaseException, *, writing: bool) -> PmetError:
    """Give the error that the caller sees in place of `error`, without the server's words."""
    if isinstance(error, PmetError):
        return error
    if meaning(error) is Meaning.UNKNOWN:
        return OutcomeUnknownError() if writing else StoreUnavailableError()
    if not isinstance(error, Neo4jError):
        return StoreUnavailableError() if isinstance(error, DriverError) else StoreFaultError(type(error).__name__)
    return _told_of_server(error, error.code or "")


def _told_of_server(error: Neo4jError, code: str) -> PmetError:
    last = code.rpartition(".")[2]
    if isinstance(error, ConstraintError):
        return ConflictError()
    if meaning(error) in {Meaning.REPEAT, Meaning.LOCKED_OUT}:
        return StoreUnavailableError(f"the graph store is busy ({last}); try again shortly")
    if isinstance(error, AuthError):
        return SettingsError(
            "the graph store refuses the service's password; see PMET_NEO4J_USER and PMET_NEO4J_PASSWORD_FILE"
        )
    if last in _STOPPED:
        return LocalStoreError(
            f"the graph store has stopped itself ({last}), as it does on a full disk; free some room and restart it"
        )
    if last.startswith(("TransactionTimedOut", "LockClientStopped")) or "Memory" in last:
        return StoreUnavailableError(
            f"the question was too much for the graph store ({last}); ask for less, or try again shortly"
        )
    advice = (error.message or "").splitlines()[0] if code in _ABOUT_OUR_TEXT and error.message else ""
    return StoreFaultError(last or type(error).__name__, advice)
