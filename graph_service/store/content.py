"""
What a row says, as bytes: for the hash kept on the row, and for the census.

Content is what the source said: keys in place of uids, values as given. It is not order, the moment of import, uids, sequence numbers
or anything that follows from the rest, so that the same input has the same content in another folder.
"""

import datetime as dt
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from queries.records import ClaimRecord, Json, MentionRecord, ReportRecord

MODULUS: Final = 1 << 128
LONGEST_IDENTIFIER: Final = 32
_WORK_CONTENT: Final = (
    "claim_id", "kind", "version", "declared_sight", "recorded_at", "happened_from", "happened_to", "time_known", "handling", "basis", "agency",
    "account", "reason", "content",
)  # fmt: skip
_BETWEEN: Final = re.compile(r"[^\w?]|_")


def _plain(value: object) -> object:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="milliseconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def canonical(content: list[Any]) -> bytes:
    """Write content in its one form."""
    return json.dumps(content, default=_plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(content: bytes) -> int:
    """Give the 128-bit number of a content; the census adds these up modulo 2**128, so that order does not matter."""
    return int.from_bytes(hashlib.blake2b(content, digest_size=16).digest(), "big")


def keyed_hash(key: str, content: bytes) -> str:
    """Give the hash kept on a row: under the key of its report, so that destroying the key destroys what the hash could tell."""
    return hmac.new(key.encode(), content, hashlib.sha256).hexdigest()[:32]


def claim_content(claim: ClaimRecord, report: dict[str, Any]) -> bytes:
    """Give what a claim row says. `report` holds the grade, handling, conditions and agency that the row takes from it."""
    return canonical(
        [
            claim.claim_id,
            claim.type,
            claim.from_key,
            claim.to_key,
            claim.role,
            claim.report_key,
            claim.event_key,
            claim.happened_from,
            claim.happened_to,
            claim.time_known,
            claim.recorded_at,
            claim.live_to,
            attributes_text(claim.attributes),
            claim.sight.sid,
            report["source_eval"],
            report["info_eval"],
            report["scheme"],
            report["handling"],
            report["agency"],
        ]
    )


def mention_content(mention: MentionRecord) -> bytes:
    """Give what a mention row says."""
    return canonical(
        [
            mention.claim_id,
            mention.subject_key,
            mention.report_key or "",
            mention.label,
            mention.subkind,
            list(mention.aliases),
            mention.date_of_birth.isoformat() if mention.date_of_birth else "",
            mention.latitude,
            mention.longitude,
            attributes_text(mention.attributes),
            mention.sight.sid,
            mention.recorded_at,
            mention.live_to,
        ]
    )


def report_content(report: ReportRecord) -> bytes:
    """Give what a report says, all its parts with it."""
    return canonical(
        [
            report.key,
            report.kind,
            report.agency,
            report.submitted_at,
            report.source_eval,
            report.info_eval,
            report.scheme,
            report.handling,
            sorted(report.conditions),
            report.copied_from or "",
            report.text,
            report.sight.sid,
            sorted((name, text, sight.sid) for name, (text, sight) in report.parts.items()),
        ]
    )


def work_content(row: Mapping[str, Any], about_key: str) -> bytes:
    """Give what a row of work says. `row` has its properties as they are kept, `about_key` is the source key of its subject."""
    return canonical([row[name] for name in _WORK_CONTENT] + [about_key])


def attributes_text(attributes: Mapping[str, Json]) -> str:
    """Write attributes as the JSON text that the store keeps."""
    return json.dumps(dict(attributes), ensure_ascii=False, sort_keys=True, separators=(",", ":")) if attributes else ""


def compact(text: str) -> str:
    """Give a plate, number or handle without case, spaces and marks, so that AB12 CDE and ab12cde are one; `?` (not seen) stays, +44 is 0."""
    plain = _BETWEEN.sub("", text.casefold())
    return (
        f"0{plain[2:]}" if len(plain) == len("447700900123") and plain.isdecimal() and plain.startswith("44") else plain
    )


def identifiers_text(attributes: Mapping[str, Json]) -> str:
    """Give the attributes in which people search, separated by spaces: each as it was given, and in one piece where it is short."""
    values = [item for value in attributes.values() for item in (value if isinstance(value, list) else [value])]
    texts = [str(value) for value in values if isinstance(value, str | int)]
    pieces = [piece for text in texts if (piece := compact(text)) != text and len(piece) <= LONGEST_IDENTIFIER]
    return " ".join([*texts, *pieces])
