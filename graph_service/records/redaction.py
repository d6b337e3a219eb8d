"""What the audit trail keeps of the parameters of a request: enough to show what was asked, and never a name."""

import datetime as dt
import hashlib
import hmac
import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from queries.records import Json
from queries.vocabulary import KINDS, TYPE_NAMES

_UID: Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}|[0-9a-f]{64}", re.IGNORECASE
)
_NUMBER: Final = re.compile(r"-?\d{1,4}(\.\d{1,3})?")
_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?")
_NAME: Final = re.compile(r"[a-z][a-z_]{0,39}")
# Words that questions themselves define. Anything else that a person typed may be somebody's name.
_WORDS: Final = frozenset(
    {
        *("true", "false", "all", "none", "now", "crime", "missing_from", "last_seen", "found_at"),
        *("names", "initials", "pseudonyms", "numbers"),
        *("ranked", "gi", "density", "clusters", "scan", "emerging"),
        *KINDS,
        *(name.lower() for name in TYPE_NAMES),
    }
)


class Redactor:
    """Makes what is kept of parameters, under a key without which the kept form cannot be searched for names."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def parameters(self, asked: Mapping[str, Any]) -> str:
        """Give parameters as one JSON object: uids, moments, numbers and the words of questions as they are, all else as fingerprints."""
        kept = {(name if _NAME.fullmatch(name) else "other"): self._kept(value) for name, value in asked.items()}
        return json.dumps(kept, sort_keys=True, separators=(",", ":")) if kept else ""

    def fingerprint(self, text: str) -> str:
        """Give the mark of a text: the same for the same text in any case and spacing, and of no use without the key."""
        plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
        return hmac.digest(self._key, plain.encode("utf-8", "surrogatepass"), hashlib.sha256).hex()[:16]

    def _kept(self, value: object) -> Json:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            # A telephone number must not stand here because it came as a number.
            return value if abs(value) < 10_000 else self._kept(str(value) + " ")
        if isinstance(value, dt.datetime | dt.date):
            return value.isoformat()
        if isinstance(value, Mapping):
            return {(str(k) if _NAME.fullmatch(str(k)) else "other"): self._kept(v) for k, v in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._kept(one) for one in value]
        text = str(value)
        plain = _UID.fullmatch(text) or _NUMBER.fullmatch(text) or _MOMENT.fullmatch(text) or text in _WORDS or not text
        return text if plain else {"fingerprint": self.fingerprint(text), "length": len(text)}
