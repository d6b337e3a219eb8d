"""Reads docker-compose.yml as a machine that runs it would."""

from pathlib import Path
from typing import Any

import yaml

PATH = Path(__file__).parent.parent / "docker-compose.yml"


def compose() -> dict[str, Any]:
    """Give the whole file."""
    found: dict[str, Any] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return found


def service_environment(secrets: Path, **instead: str) -> dict[str, str]:
    """
    Give the very variables with which the file starts the service.

    `secrets` is a folder that stands for `/run/secrets`; `instead` replaces what only exists among containers, such as the store's address.
    A name that the file does not set is refused, so that a test sets nothing of its own.
    """
    written = {name: str(value) for name, value in compose()["services"]["service"]["environment"].items()}
    if unknown := set(instead) - set(written):
        raise KeyError(f"docker-compose.yml does not set {', '.join(sorted(unknown))}")
    return {name: value.replace("/run/secrets", str(secrets)) for name, value in {**written, **instead}.items()}
