"""
A process in which acts on the contextual database are begun and killed where they are kept; `tests/spec/test_contexts_killed.py` starts it.

It reads a line of JSON for each act, does it in a fork of itself, and says by which signal that ended: 0, if by none.
"""

import json
import os
import signal
import sys
from typing import Any

from neo4j import AsyncTransaction

from graph_service.bootstrap import bootstrap
from graph_service.settings import Settings

kept = AsyncTransaction.commit


async def killed_before(_transaction: AsyncTransaction) -> None:
    """Die when everything has been written and nothing has been kept."""
    os.kill(os.getpid(), signal.SIGKILL)


async def killed_after(transaction: AsyncTransaction) -> None:
    """Die when it has been kept and nobody has been told."""
    await kept(transaction)
    os.kill(os.getpid(), signal.SIGKILL)


def act(asked: dict[str, Any]) -> None:
    """Do what is asked, as a process of its own would."""
    service = bootstrap(Settings(**asked["settings"]))
    AsyncTransaction.commit = killed_before if asked["place"] == "before" else killed_after  # type: ignore[method-assign]
    done = service.proposals if asked["of"] == "proposals" else service.contexts
    getattr(done, asked["act"])(service.viewer("coordinator", ""), *asked["given"], **asked["named"])


if __name__ == "__main__":
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            act(json.loads(line))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}\n")
        sys.stdout.flush()
