"""
The errors of accounts.

::

    NotPermittedError            (graph_service.errors)
    └── SignInRefusedError       wrong name, password, session or token, or one that has ended: never said which
        └── TooManyTriesError    wait before the next try
    PmetError                    (queries.errors)
    └── AccountError             an account, purpose or right cannot be used as asked
"""

from graph_service.errors import NotPermittedError
from queries.errors import PmetError


class SignInRefusedError(NotPermittedError):
    """The name, password, session or token is not right, or has ended. It never says which, nor whether there is such an account."""

    def __init__(self, message: str = "the account or the password is not right; sign in again") -> None:
        super().__init__(message)


class TooManyTriesError(SignInRefusedError):
    """Too many wrong passwords came from one place for one name."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many tries: wait {seconds} second{'' if seconds == 1 else 's'} and try again")
        self.seconds = seconds


class AccountError(PmetError):
    """An account, a purpose or a right cannot be used as asked. Says what would be right, never a password."""
