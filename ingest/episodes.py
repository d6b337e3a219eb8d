"""
PPN1 missing and located reports: a child, an episode, where and when.

The report that opens an episode and the one that closes it meet by the episode's number, in whichever order they come. That a child is located is
status: it is open to whoever may see that the child is missing, so that nobody searches for a child whom police have found. Where the child
was, and with whom, has the sight of the located report.

Source: Portsmouth MET Integrated Pathway, 9.2; reference model, section 2.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from typing import Final, Protocol

from ingest.area import Area
from ingest.partner_records import ReportRecords, holder, is_new, position_of
from ingest.partner_tables import CheckedRow
from ingest.records import Prepared
from ingest.rows import EpisodeRow, PartnerRow
from queries.records import ClaimRecord
from queries.sight import Sight, sight_for

# What is on the report itself, or is its text already.
_NOT_TOLD: Final = frozenset(
    {*PartnerRow.model_fields, "form", "report_ref", "episode_ref", "child_ref", "circumstances"}
)


class HeldEpisodes(Protocol):
    """What is held of episodes already."""

    def involved(self, incidents: Iterable[str]) -> list[ClaimRecord]:
        """Give the live INVOLVED_IN claims on these incidents, by source key."""


def add_episodes(
    prepared: Prepared, rows: list[CheckedRow[EpisodeRow]], held: HeldEpisodes, area: Area, now: dt.datetime
) -> None:
    """Turn PPN1 rows into records; see the module."""
    episodes = sorted({_episode(row.values) for row in rows})
    before = held.involved(episodes)
    opened: dict[str, set[Sight]] = {}
    for claim in before:
        if claim.role == "missing":
            opened.setdefault(claim.to_key, set()).add(claim.sight)
    for row in rows:
        if row.values.form == "missing":
            values = row.values
            sight = sight_for(values.handling, values.conditions, holder(values.agency))
            opened.setdefault(_episode(values), set()).add(sight)
    seen: dict[str, str] = {}
    for row in rows:
        if is_new(row, _report(row), "report_ref", seen):
            _add(prepared, row, opened.get(_episode(row.values), set()), area, now)
    for claim in before:
        # The located report came first: its status now takes the sight of the report that opens the episode.
        if claim.role == "located" and claim.claim_id not in prepared.claims:
            status = _either(claim.sight, opened.get(claim.to_key, set()))
            if status != claim.sight:
                prepared.claims[claim.claim_id] = replace(claim, sight=status)


def _episode(values: EpisodeRow) -> str:
    return f"{values.agency}:episode/{values.episode_ref}"


def _report(row: CheckedRow[EpisodeRow]) -> str:
    return f"{row.values.agency}:ppn1/{row.values.report_ref or row.content}"


def _either(sight: Sight, others: Iterable[Sight]) -> Sight:
    """Give the sight that opens to whoever holds what any of these needs."""
    return Sight.any_of(*sight.ways, *(way for other in others for way in other.ways))


def _add(prepared: Prepared, row: CheckedRow[EpisodeRow], opened: set[Sight], area: Area, now: dt.datetime) -> None:
    values = row.values
    if values.form == "missing" and values.missing_since is None and values.last_seen_at is None:
        row.error("missing_since", "required")
    if values.form == "located" and values.located_at is None:
        row.error("located_at", "required")
    places = {
        part: position_of(
            row,
            area,
            (f"{part}_latitude", getattr(values, f"{part}_latitude")),
            (f"{part}_longitude", getattr(values, f"{part}_longitude")),
        )
        for part in (("missing_from", "last_seen") if values.form == "missing" else ("found_at",))
    }
    if row.number in row.problems.bad_rows:
        return
    report = ReportRecords(prepared, row, "ppn1", _report(row), now)
    report.add_as_submitted(row, values.circumstances, (name for name in row.cells if name not in _NOT_TOLD))
    episode = report.subject(_episode(values), "incident", label="Missing episode", subkind="missing_episode")
    child = report.person(values.child_ref, "child", values.child_name, date_of_birth=values.date_of_birth)
    started = values.missing_since or values.last_seen_at
    if values.form == "missing":
        report.claim("missing", "INVOLVED_IN", (child, episode), (started, None), role="missing")
        times = {"missing_from": started, "last_seen": values.last_seen_at or started}
    else:
        if not opened:
            row.warn("episode_ref", "orphan")
        status = _either(report.sight, opened)
        report.claim(
            "located", "INVOLVED_IN", (child, episode), (values.located_at, None), role="located", sight=status
        )
        times = {"found_at": values.located_at}
    for part, when in times.items():
        place = report.place(part, getattr(values, part), getattr(values, f"{part}_postcode"), places[part])
        if place:
            report.claim(part, "AT", (episode, place), (when, None), role=part)
    if values.form == "located":
        for name in values.found_with:
            other = report.person("", "person", name)
            report.claim(
                f"with/{other.rpartition('/')[2]}",
                "INVOLVED_IN",
                (other, episode),
                (values.located_at, None),
                role="present",
            )
