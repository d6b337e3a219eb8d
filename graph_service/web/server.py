"""Serves the product on this machine, with the demonstration city when asked; whatever it started, it stops."""

import json
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Final, Literal, cast

import uvicorn

from graph_service.bootstrap import Service, bootstrap, build_demonstration
from graph_service.settings import Settings
from graph_service.web.app import create_app
from queries.projection import reference_of

Progress = Callable[[str], None]
HOST: Final = "127.0.0.1"
_STOP_SECONDS: Final = 5


def run(settings: Settings, progress: Progress, *, demonstration: str | None = None, serve: bool = True) -> None:
    """
    Open the service, build the demonstration city if asked and not there, and serve until Ctrl-C or SIGTERM.

    Raises
    ------
    StoreUnavailableError, AuditUnavailableError
        If either cannot be opened.
    """
    previous = signal.signal(signal.SIGTERM, _leave)
    # A shell gives its background commands an ignored SIGINT; whoever sends one means it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    begun = time.monotonic()
    service = bootstrap(settings, supervised=True, progress=progress)
    try:
        if demonstration is not None:
            build_demonstration(service, cast("Literal['city', 'force', 'london']", demonstration), progress)
        # What a process that was killed after an import had not yet brought in line with it.
        service.contexts.follow_rights()
        if serve:
            _say_where(service, settings, progress, time.monotonic() - begun, demonstrated=demonstration is not None)
            # The server takes over both signals from here and gives them back when it has finished what it was answering.
            uvicorn.run(
                create_app(service),
                host=HOST,
                port=settings.port,
                log_level="warning",
                access_log=False,
                server_header=False,
                date_header=False,
                timeout_graceful_shutdown=_STOP_SECONDS,
            )
    finally:
        service.close()
        if service.local is not None and service.local.started_here:
            progress("stopping the local store")
            service.local.stop()
        signal.signal(signal.SIGTERM, previous)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def _say_where(service: Service, settings: Settings, progress: Progress, seconds: float, *, demonstrated: bool) -> None:
    progress("")
    progress(f"Ready in {seconds:.0f} s: http://{HOST}:{settings.port}/   (Ctrl-C stops it; nothing is left running)")
    if demonstrated:
        progress("Sign in as one of these; each sees a different city:")
        for persona in service.accounts.personas():
            progress(f"  {persona['who']:<13} {persona['job']}")
        for line in _examples(settings.home):
            progress(line)
    progress(f"All state is in {settings.home}")


def _examples(home: Path) -> list[str]:
    """Give the questions that the demonstration suggests, where its truth file has any."""
    try:
        truth = json.loads((home / "demonstration_truth.json").read_text(encoding="utf-8"))
    except OSError:
        return []
    lines = [f"  try: {text}" for text in truth.get("try", [])]
    for example in truth.get("examples", [])[:1]:
        given = " ".join(f"--param {name}=ref:{reference_of(key)}" for name, key in example["parameters"].items())
        lines += [f"  or:  pmet ask {example['question']} {given} --as {who}" for who in ("intelligence", "satellite")]
    return lines
