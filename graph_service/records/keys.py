"""The secret from which the keys of this service follow: one file under its folder, made once, read by its owner alone."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Final

from graph_service.errors import AuditUnavailableError

_BYTES: Final = 32


class Keys:
    """
    Gives a key for each use, all from one secret, so that one cannot be told from another.

    Parameters
    ----------
    path
        The file of the secret, with rights 0600.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._secret: bytes | None = None

    @property
    def exists(self) -> bool:
        """Whether the secret has been made."""
        return self._path.is_file()

    def make(self) -> None:
        """Make the secret if there is none. Two processes that try at once end with the same one."""
        if self.exists:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self._path.with_name(f"{self._path.name}.{secrets.token_hex(8)}")
        try:
            with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(secrets.token_hex(_BYTES) + "\n")
                file.flush()
                os.fsync(file.fileno())
            # A link appears whole or not at all, and never replaces one that is there.
            os.link(fresh, self._path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink(missing_ok=True)

    def key(self, use: str) -> bytes:
        """
        Give the key for one use, such as `audit` or `pseudonyms`.

        Raises
        ------
        AuditUnavailableError
            If the file is missing, or does not hold a secret.
        """
        if self._secret is None:
            try:
                self._secret = bytes.fromhex(self._path.read_text(encoding="ascii").strip())
            except (OSError, ValueError):
                self._secret = b""
        if len(self._secret) != _BYTES:
            self._secret = None
            raise AuditUnavailableError(f"the key file {self._path} is missing or damaged; put it back from a backup")
        return hmac.digest(self._secret, f"pmet:{use}".encode(), hashlib.sha256)
