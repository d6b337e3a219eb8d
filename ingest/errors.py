"""
The errors of bringing files in.

::

    IngestError               nothing was read; the text says what to do
    ├── UnknownKindError      no kind of file has this name
    └── FileRefusedError      a file cannot be read at all: not there, too big, not text, not a workbook

Rows that cannot be used are not raised but collected (`ingest.problems`), so that a partner sees all of them at once.
"""

from pathlib import Path

from queries.errors import PmetError


class IngestError(PmetError):
    """Nothing could be brought in. Its text says what to do next."""


class UnknownKindError(IngestError):
    """No kind of file has this name, or it cannot be brought in yet."""


class FileRefusedError(IngestError):
    """A file cannot be read at all. Names the file and the rule, never what is in it."""

    def __init__(self, path: Path, rule: str) -> None:
        super().__init__(f"{path.name}: {rule}")
        self.file, self.rule = path.name, rule
