"""Records from partners' rows: reports, people, places and vehicles under the sender's own keys, and what each report says of them."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ingest.area import Area
from ingest.hashing import content_key
from ingest.partner_tables import CheckedRow
from ingest.records import Prepared
from ingest.rows import PartnerRow
from ingest.times import Moment
from queries.records import FAR_FUTURE, FAR_PAST, ClaimRecord, Json, MentionRecord, ReportRecord, SubjectRecord
from queries.sight import Sight, sight_for
from queries.vocabulary import AGENCIES, PERSON_KINDS


def holder(agency: str) -> str:
    """Give the agency that this one is treated as."""
    return agency if agency in AGENCIES else "other"


@dataclass(frozen=True, slots=True)
class Position:
    """A position that may be used, or the rule by which it was set aside."""

    latitude: float | None = None
    longitude: float | None = None
    set_aside: str = ""


def is_new(row: CheckedRow[Any], key: str, column: str, seen: dict[str, str]) -> bool:
    """
    Say whether a row's report is the first of its key in this import, and note it in `seen`.

    The same row again counts once, with a warning; another row under the same reference is refused.
    """
    content = row.content.partition("-")[0]
    if key not in seen:
        seen[key] = content
        return True
    if seen[key] == content:
        row.warn(column, "same_row_again")
    else:
        row.error(column, "repeated_reference")
    return False


def position_of(
    row: CheckedRow[Any], area: Area, latitude: tuple[str, float | None], longitude: tuple[str, float | None]
) -> Position:
    """Check a position (WGS 84): one that looks swapped, or lies outside the area, is set aside until a person confirms it."""
    (column, north), (other, east) = latitude, longitude
    if north is None or east is None:
        if north is not east:
            row.warn(column, "half_a_position")
        return Position()
    rule = area.why_set_aside(north, east)
    if rule in {"latitude_out_of_range", "longitude_out_of_range"}:
        row.error(column if rule.startswith("latitude") else other, rule)
    elif rule:
        row.warn(column, rule)
    else:
        return Position(north, east)
    return Position(set_aside=rule)


class ReportRecords:
    """Adds to `prepared` one report of a partner, and what it says. `now` is when this service first holds it."""

    def __init__(self, prepared: Prepared, row: CheckedRow[Any], kind: str, key: str, now: dt.datetime) -> None:
        values: PartnerRow = row.values
        self._prepared, self._now = prepared, now
        self.agency, self.key = values.agency, key
        self.submitted_at = values.submitted_at.earliest
        self.sight = sight_for(values.handling, values.conditions, holder(values.agency))
        self.record = ReportRecord(
            key=key,
            kind=kind,
            agency=values.agency,
            submitted_at=self.submitted_at,
            known_from=now,
            sight=self.sight,
            source_eval=values.source_eval,
            info_eval=values.info_eval,
            scheme=values.scheme or ("3x5x2" if values.source_eval or values.info_eval else ""),
            handling=values.handling,
            conditions=values.conditions,
        )

    def add_report(self, text: str, parts: Mapping[str, tuple[str, Sight]] | None = None) -> None:
        """Add the report itself, as it was submitted."""
        self._prepared.add(reports=[replace(self.record, text=text, parts=parts or {})])

    def add_as_submitted(self, row: CheckedRow[Any], text: str, columns: Iterable[str]) -> None:
        """Add the report: what was written, then these cells of its row as they were given, a line each."""
        self.add_report("\n".join([*([text] if text else []), *row.as_submitted(columns)]))

    def person(
        self, ref: str, kind: str, name: str, *, aliases: tuple[str, ...] = (), date_of_birth: dt.date | None = None
    ) -> str:
        """Add a person and what the report says of them; gives their key: the sender's number, or one for this mention alone."""
        told = content_key([kind, name, *aliases, str(date_of_birth)])[:16]
        key = f"{self.agency}:person/{ref}" if ref else f"{self.key}/person/{told}"
        return self.subject(key, kind, label=name, aliases=aliases, date_of_birth=date_of_birth)

    def subject(
        self,
        key: str,
        kind: str,
        *,
        label: str = "",
        subkind: str = "",
        aliases: tuple[str, ...] = (),
        date_of_birth: dt.date | None = None,
        position: Position | None = None,
        attributes: Mapping[str, Json] | None = None,
    ) -> str:
        """Add a subject and what the report says of it; gives its key."""
        self._prepared.subjects[key] = _agreed(self._prepared.subjects.get(key), SubjectRecord(key, kind, subkind))
        position = position or Position()
        said: dict[str, Json] = {name: value for name, value in (attributes or {}).items() if value}
        if position.set_aside:
            said["position"] = "set aside until confirmed"
        mention = MentionRecord(
            claim_id=f"{self.key}/says/{key}",
            subject_key=key,
            report_key=self.key,
            sight=self.sight,
            recorded_at=self.submitted_at,
            known_from=self._now,
            label=label,
            subkind=subkind,
            aliases=aliases,
            date_of_birth=date_of_birth,
            latitude=position.latitude,
            longitude=position.longitude,
            attributes=said,
        )
        before = self._prepared.mentions.get(mention.claim_id)
        if before is not None and before != mention:
            # The same report says other things of the same subject: both are kept, told apart by what they say.
            words = hashlib.sha256(repr((label, aliases, date_of_birth, position, sorted(said.items()))).encode())
            mention = replace(mention, claim_id=f"{mention.claim_id}~{words.hexdigest()[:12]}")
        self._prepared.add(mentions=[mention])
        return key

    def place(self, column: str, label: str, postcode: str, position: Position) -> str:
        """Add a place, or give nothing where the row says nothing of one. An address with a postcode is one place of the sender's."""
        if not (label or postcode or position.latitude is not None or position.set_aside):
            return ""
        key = f"{self.key}/{column}"
        if label and postcode:
            key = f"{self.agency}:place/{content_key([label.casefold(), postcode])[:32]}"
        return self.subject(
            key,
            "location",
            label=label or postcode,
            subkind="place",
            position=position,
            attributes={"postcode": postcode},
        )

    def claim(
        self,
        name: str,
        claim_type: str,
        ends: tuple[str, str],
        when: tuple[Moment | None, Moment | None],
        *,
        role: str = "",
        sight: Sight | None = None,
        is_state: bool = False,
        attributes: Mapping[str, Json] | None = None,
    ) -> None:
        """Add a claim of this report, `name` its place in it. Bounds that are not known are open; an event without an end is an instant."""
        start, end = when
        happened_from = start.earliest if start else FAR_PAST
        happened_to = end.latest if end else (start.latest if start and not is_state else FAR_FUTURE)
        time_known = "exact"
        if start is None and end is None:
            time_known = "unknown"
        elif happened_to < happened_from or (start is None and not is_state):
            happened_from, happened_to = min(happened_from, happened_to), max(happened_from, happened_to)
            time_known = "within"
        elif any(moment and moment.earliest != moment.latest for moment in when):
            time_known = "about"
        self._prepared.add(
            claims=[
                ClaimRecord(
                    claim_id=f"{self.key}/{name}",
                    type=claim_type,
                    from_key=ends[0],
                    to_key=ends[1],
                    report_key=self.key,
                    sight=sight or self.sight,
                    happened_from=happened_from,
                    happened_to=happened_to,
                    time_known=time_known,
                    recorded_at=self.submitted_at,
                    known_from=self._now,
                    role=role,
                    attributes=attributes or {},
                )
            ]
        )


def _agreed(before: SubjectRecord | None, now: SubjectRecord) -> SubjectRecord:
    """Give what two rows agree that a subject is: a person is a child or an adult where any row says so and none says otherwise."""
    if before is None or before.kind == now.kind:
        return now
    if before.kind in PERSON_KINDS and now.kind in PERSON_KINDS:
        told = {before.kind, now.kind} - {"person"}
        return replace(now, kind=told.pop() if len(told) == 1 else "person")
    return before
