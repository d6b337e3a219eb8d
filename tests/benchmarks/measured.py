"""How a job is measured: ours, the best peer and the naive way in one run, each in a process of its own, with its peak memory."""

import multiprocessing
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Size: TypeAlias = Literal["small", "full"]


@dataclass(frozen=True)
class Timing:
    """The best of several runs: wall and processor seconds, memory in MB above what the process held before, and what came out."""

    seconds: float
    cpu: float
    peak_mb: float
    result: Any


@dataclass(frozen=True)
class Measured:
    """
    One job at one size. `ours`, `peer` and `naive` name what ran; a peer or a naive way that could not run is None, with the reason in `note`.

    `agrees` says how the results were compared and how far apart they were. `goal` is in words, `met` whether it is.
    """

    job: str
    size: str
    ours: str
    ours_timing: Timing
    peer: str
    peer_timing: Timing | None
    naive: str
    naive_timing: Timing | None
    agrees: str
    goal: str
    met: bool | None
    note: str = ""


def timing(work: Callable[[], Any], *, rounds: int = 3) -> Timing:
    """
    Run `work` in a fresh forked process: once to warm up (compilers, page faults), then the best of `rounds`; of no rounds, that first time.

    What it gives must pickle and should be small: a count, a checksum, a few figures. Raises RuntimeError with its words if it fails.
    """
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_measure, args=(work, rounds, sender))
    process.start()
    sender.close()
    try:
        found = receiver.recv()
    except EOFError:
        raise RuntimeError("the process ended without an answer: out of memory?") from None
    finally:
        process.join()
    if isinstance(found, str):
        raise RuntimeError(found)  # noqa: TRY004  the words of what failed in the other process
    return Timing(*found)


def _measure(work: Callable[[], Any], rounds: int, sender: Any) -> None:
    try:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        best_wall, best_cpu = float("inf"), float("inf")
        for turn in range(rounds + 1):
            wall, cpu = time.perf_counter(), time.process_time()
            result = work()
            if turn or not rounds:
                best_wall = min(best_wall, time.perf_counter() - wall)
                best_cpu = min(best_cpu, time.process_time() - cpu)
        peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        sender.send((best_wall, best_cpu, peak, result))
    except Exception as error:  # noqa: BLE001  told by the other process
        sender.send(f"{type(error).__name__}: {error}")
