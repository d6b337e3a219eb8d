"""The kinds of file that can be brought in, and who reads each."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ingest.acquaintances import add_acquaintances
from ingest.area import Area
from ingest.assessments import add_assessments
from ingest.bundle import read_bundle
from ingest.conversations import add_conversations
from ingest.episodes import HeldEpisodes, add_episodes
from ingest.errors import UnknownKindError
from ingest.partner_tables import Model, PartnerFile, read_partner_file
from ingest.police_crime import read_street_crime
from ingest.records import Prepared
from ingest.rows import AssessmentRow, ConversationRow, CpiRow, EpisodeRow, PeopleRow
from ingest.submissions import add_submissions
from ingest.times import LONDON

KINDS: Final = ("bundle", "police-crime", "missing", "cpi", "conversation", "assessment", "people")


def read_files(kind: str, paths: Sequence[Path], held: HeldEpisodes, area: Path | None, now: dt.datetime) -> Prepared:
    """
    Read and check files of one kind. `now` (UTC) is when this service first holds what a partner sends.

    Raises
    ------
    UnknownKindError
        If no kind has this name.
    FileRefusedError
        If a file cannot be read at all.
    """
    check_kind(kind)
    prepared = Prepared()
    ground = Area(area)
    if kind == "missing":
        files = _partner_files(paths, EpisodeRow, prepared, now)
        add_episodes(prepared, [row for file in files for row in file.rows], held, ground, now)
        _note_problems(files, prepared)
    elif kind == "cpi":
        submissions = _partner_files(paths, CpiRow, prepared, now)
        add_submissions(prepared, [row for file in submissions for row in file.rows], ground, now)
        _note_problems(submissions, prepared)
    elif kind == "conversation":
        conversations = _partner_files(paths, ConversationRow, prepared, now)
        add_conversations(prepared, [row for file in conversations for row in file.rows], ground, now)
        _note_problems(conversations, prepared)
    elif kind == "assessment":
        assessments = _partner_files(paths, AssessmentRow, prepared, now)
        add_assessments(prepared, [row for file in assessments for row in file.rows], now)
        _note_problems(assessments, prepared)
    elif kind == "people":
        lists = _partner_files(paths, PeopleRow, prepared, now)
        add_acquaintances(prepared, [row for file in lists for row in file.rows], now)
        _note_problems(lists, prepared)
    for path in paths:
        if kind == "bundle":
            read_bundle(path, prepared)
        elif kind == "police-crime":
            read_street_crime(path, prepared)
    return prepared


def check_kind(kind: str) -> None:
    """
    Refuse a kind that there is not.

    Raises
    ------
    UnknownKindError
        If no kind has this name.
    """
    if kind not in KINDS:
        raise UnknownKindError(f"there is no such kind of file; use one of {', '.join(KINDS)}")


def _partner_files(
    paths: Sequence[Path], model: type[Model], prepared: Prepared, now: dt.datetime
) -> list[PartnerFile[Model]]:
    files = [read_partner_file(path, model, now.astimezone(LONDON).date()) for path in paths]
    for file in files:
        prepared.read += file.read
        prepared.contents.extend(file.contents)
    return files


def _note_problems(files: Sequence[PartnerFile[Model]], prepared: Prepared) -> None:
    for file in files:
        for problems in file.problems:
            prepared.problems.extend(sorted(problems, key=lambda problem: problem.row))
