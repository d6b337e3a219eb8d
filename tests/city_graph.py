"""The demonstration city as tests look at it: its records in one place, and the graph that a persona sees of them."""

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property

from graphs import Row, World, projection_of

from graph_service.access import personas
from ingest import synthetic
from ingest.synthetic.figures import Size
from queries.factors import factor_bits
from queries.projection import Projection, VisibleGraph, to_milliseconds, visible_graph
from queries.records import ClaimRecord, MentionRecord, ReportRecord, SubjectRecord
from queries.sight import Sight

END = dt.date(2026, 11, 22)


@dataclass
class CityGraph:
    """Every record of a city, by key where it has one."""

    city: synthetic.City
    subjects: dict[str, SubjectRecord] = field(default_factory=dict)
    reports: dict[str, ReportRecord] = field(default_factory=dict)
    mentions: list[MentionRecord] = field(default_factory=list)
    claims: list[ClaimRecord] = field(default_factory=list)

    @cached_property
    def sights(self) -> dict[int, Sight]:
        sights = {row.sight for row in self.claims} | {row.sight for row in self.mentions}
        return {sight.sid: sight for sight in sights | {row.sight for row in self.reports.values()}}

    @cached_property
    def projection(self) -> Projection:
        subjects: list[Row] = [{"uid": key, "key": key, "kind": row.kind} for key, row in self.subjects.items()]
        reports: list[Row] = [
            {
                "key": row.key, "agency": row.agency, "kind": row.kind, "source": row.source_eval, "info": row.info_eval,
                "copied_from": row.copied_from,
            }
            for row in self.reports.values()
        ]  # fmt: skip
        return projection_of(
            World(
                subjects, reports, [self._mention(row) for row in self.mentions], [_claim(row) for row in self.claims]
            )
        )

    def seen_by(self, who: str, known_at: dt.datetime | None = None) -> VisibleGraph:
        """The graph that a persona sees, at the end of the city's year unless a moment is given."""
        held = next(persona.held for persona in personas() if persona.account == who)
        opened = [sid for sid, sight in self.sights.items() if sight.opened_by(held)]
        moment = known_at or dt.datetime.combine(self.city.end + dt.timedelta(days=1), dt.time(1), dt.UTC)
        return visible_graph(self.projection, opened, to_milliseconds(moment))

    def _mention(self, row: MentionRecord) -> Row:
        born = (row.date_of_birth - dt.date(1970, 1, 1)).days if row.date_of_birth else float("nan")
        return {
            "claim_id": row.claim_id, "subject": row.subject_key, "report": row.report_key, "label": row.label,
            "subkind": row.subkind, "sight": row.sight.sid, "known_from": to_milliseconds(row.known_from),
            "live_to": to_milliseconds(row.live_to), "recorded_at": to_milliseconds(row.recorded_at), "born": born,
            "latitude": float("nan") if row.latitude is None else row.latitude,
            "longitude": float("nan") if row.longitude is None else row.longitude,
        }  # fmt: skip


def _claim(row: ClaimRecord) -> Row:
    return {
        "claim_id": row.claim_id, "a": row.from_key, "b": row.to_key, "type": row.type, "role": row.role,
        "report": row.report_key, "event_id": row.event_key, "sight": row.sight.sid,
        "known_from": to_milliseconds(row.known_from), "live_to": to_milliseconds(row.live_to),
        "recorded_at": to_milliseconds(row.recorded_at), "happened_from": to_milliseconds(row.happened_from),
        "happened_to": to_milliseconds(row.happened_to), "time_known": row.time_known, "seconds": float("nan"),
        "factors": factor_bits(row.attributes),
    }  # fmt: skip


def city_graph(size: Size = "city", *, seed: int = 2026, planted: bool = True) -> CityGraph:
    """Build a city and gather its records."""
    found = CityGraph(synthetic.build(size, seed=seed, end=END, planted=planted))
    for batch in found.city.batches():
        found.subjects.update((row.key, row) for row in batch.subjects)
        found.reports.update((row.key, row) for row in batch.reports)
        found.mentions += batch.mentions
        found.claims += batch.claims
    return found
