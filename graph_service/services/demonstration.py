"""The demonstration: the invented city, and the real street crimes of Portsmouth, brought in like any partner's records."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

from graph_service.access import Viewer
from graph_service.services.imports import Imports
from graph_service.services.same_as import SameAs
from ingest import synthetic
from ingest.police_crime import PORTSMOUTH
from queries.errors import PmetError
from queries.records import Written

_MARK: Final = "demonstration.json"
_TRUTH: Final = "demonstration_truth.json"
_HOMES: Final = "homes.csv"


class DemonstrationError(PmetError):
    """The demonstration cannot be built here."""


def build(
    imports: Imports,
    same_as: SameAs,
    viewer: Viewer,
    home: Path,
    size: Literal["city", "force", "london"],
    progress: Callable[[str], None],
) -> None:
    """
    Build the city of this size in a folder, once; stopped half-way, it goes on the next time.

    Raises
    ------
    DemonstrationError
        If the folder holds a city of another size.
    """
    mark = home / _MARK
    if mark.is_file():
        held = json.loads(mark.read_text(encoding="utf-8"))
        if held["size"] != size:
            raise DemonstrationError(
                f"this folder holds the {held['size']}; set PMET_HOME to another folder to build the {size}"
            )
        if held["complete"]:
            progress(f"the demonstration {size} is here already")
            return
        end = held["end"]
        city = synthetic.build(size, end=synthetic.end_of(end))
    else:
        city = synthetic.build(size)
        # Written first: a build that was stopped goes on with the same city, whatever day it is then.
        mark.write_text(json.dumps({"size": size, "end": city.end.isoformat(), "complete": False}), encoding="utf-8")
    progress(f"building the demonstration {size}: invented people in real places")

    def tell(written: Written) -> None:
        progress(f"  {written.subjects} subjects, {written.reports} reports, {written.claims} claims")

    imports.bring_in(viewer, f"demo:{size}:{city.end.isoformat()}", city.batches(), tell)
    city.write_truth(home / _TRUTH)
    if not (home / _HOMES).exists():
        city.write_homes(home / _HOMES)
    same_as.by_exact_identifiers(viewer)
    progress("bringing in the street crimes of Portsmouth, October 2018 to January 2019")
    imports.run(
        viewer, "police-crime", [PORTSMOUTH], progress=lambda done, total: progress(f"  {done} of {total} rows")
    )
    mark.write_text(json.dumps({"size": size, "end": city.end.isoformat(), "complete": True}), encoding="utf-8")
