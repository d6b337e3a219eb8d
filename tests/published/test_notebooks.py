"""The notebooks run from top to bottom on a small invented city, and leave nothing in the file."""

import csv
import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jupytext
import pytest
from nbclient import NotebookClient
from traitlets.config import Config

from graph_service.bootstrap import bootstrap
from graph_service.settings import Settings
from graph_service.store.bolt import BoltStore
from graph_service.store.local import LocalNeo4j

ROOT = Path(__file__).parent.parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))
# How many maps and figures each promises.
FRAMES = {"01_peer_maps": 3, "02_co_missing": 2, "04_links": 1, "03_hotspots": 3, "05_context_assessment": 1}
CHILDREN = [f"Alder Exampleby{number}" for number in range(6)]
REPORTS = [
    "report_ref",
    "kind",
    "agency",
    "submitted_at",
    "source_eval",
    "info_eval",
    "scheme",
    "handling",
    "conditions",
    "copied_from",
    "text",
]
SUBJECTS = ["ref", "kind", "subkind", "label", "date_of_birth", "latitude", "longitude", "attributes", "report_ref"]
CLAIMS = [
    "claim_ref",
    "report_ref",
    "from_ref",
    "to_ref",
    "type",
    "role",
    "happened_from",
    "happened_to",
    "recorded_at",
    "withdrawn_at",
    "attributes",
]


def table(path: Path, columns: list[str], rows: list[dict[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Write six invented children who are seen together, two of them found at a park, one with a hostile name."""
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "bundle.json").write_text(
        json.dumps({"name": "small", "title": "Small", "source": "invented", "licence": "none"}), encoding="utf-8"
    )
    park = {
        "ref": "park",
        "kind": "location",
        "subkind": "place",
        "label": "Invented Park",
        "latitude": 50.8003,
        "longitude": -1.0755,
    }
    people = [{"ref": f"c{number}", "kind": "child", "label": label} for number, label in enumerate(CHILDREN)]
    episodes = [{"ref": f"e{number}", "kind": "incident", "subkind": "missing_episode"} for number in range(2)]
    pairs = [(one, other) for one in range(6) for other in range(one) if (one < 3) == (other < 3)]
    claims = [
        {"claim_ref": f"s{one}{other}", "report_ref": "r1", "from_ref": f"c{one}", "to_ref": f"c{other}", "type": "SEEN_WITH", "role": "neutral",
         "happened_from": "2026-06-01T18:00:00Z", "happened_to": "2026-06-01T19:00:00Z"}
        for one, other in pairs
    ]  # fmt: skip
    for number in range(2):
        when = {"happened_from": f"2026-06-0{number + 2}T18:00:00Z", "happened_to": f"2026-06-0{number + 2}T23:00:00Z"}
        at = {"claim_ref": f"a{number}", "from_ref": f"e{number}", "to_ref": "park", "type": "AT", "role": "found_at"}
        missing = {
            "claim_ref": f"m{number}",
            "from_ref": f"c{number}",
            "to_ref": f"e{number}",
            "type": "INVOLVED_IN",
            "role": "missing",
        }
        claims += [{**row, **when, "report_ref": "r1"} for row in (at, missing)]
    report = {
        "report_ref": "r1",
        "kind": "observation",
        "agency": "youth",
        "submitted_at": "2026-06-05T09:00:00Z",
        "handling": "P",
        "text": "Seen.",
    }
    table(folder / "reports.csv", REPORTS, [report])
    table(folder / "subjects.csv", SUBJECTS, [park, *people, *episodes])
    table(folder / "claims.csv", CLAIMS, claims)
    return folder


@pytest.fixture
def served(store: BoltStore, neo4j_server: LocalNeo4j, home: Path, bundle: Path) -> dict[str, str]:
    """Bring the bundle into the tests' own store, and give the variables by which a notebook reaches it."""
    home.mkdir()
    address = store.address
    password = home / "password"
    password.write_text(address.password, encoding="utf-8")
    password.chmod(0o600)
    variables = {
        "PMET_HOME": str(home),
        "PMET_NEO4J_URI": address.uri,
        "PMET_NEO4J_USER": address.user,
        "PMET_NEO4J_PASSWORD_FILE": str(password),
    }
    settings = Settings(home=home, neo4j_uri=address.uri, neo4j_user=address.user, neo4j_password_file=password)
    service = bootstrap(settings)
    try:
        report = service.imports.run(service.operator("test"), "bundle", [bundle])
    finally:
        service.close()
    assert report["problems"] == []
    return variables


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_what_it_promises(path: Path, served: dict[str, str]) -> None:
    notebook = jupytext.read(path)
    environment = {**os.environ, **served, "PYTHONPATH": str(ROOT), "JUPYTER_PLATFORM_DIRS": "1"}
    # Over sockets in a folder: of the ports that a manager chooses for its kernel, another program may take one before the kernel does.
    with TemporaryDirectory(prefix="pmet-") as sockets:  # a short name: that of a socket may have a hundred letters
        config = Config({"KernelManager": {"transport": "ipc", "ip": f"{sockets}/kernel"}})
        client = NotebookClient(notebook, config=config, timeout=900, startup_timeout=900, kernel_name="python3")
        client.execute(env=environment)
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    shown = [output["data"]["text/html"] for output in outputs if "data" in output and "text/html" in output["data"]]
    frames = [html for html in shown if html.startswith("<iframe")]
    assert len(frames) == FRAMES[path.stem]
    assert all('sandbox="allow-scripts"' in frame for frame in frames)
    assert not any("https:" in html or "http:" in html for html in shown)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_as_text_without_outputs(path: Path) -> None:
    assert not path.with_suffix(".ipynb").exists()
    assert all(not cell.get("outputs") for cell in jupytext.read(path).cells)
