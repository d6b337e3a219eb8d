"""What has been worked out from one graph, kept beside it: a page and its map ask the same, and so do two people who see the same."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, Final, TypeVar

Found = TypeVar("Found")
MOST_KEPT: Final = 32


class WorkedOut:
    """
    Keeps the latest findings of one visible graph, `MOST_KEPT` at most. Safe to share between threads.

    It is a part of the graph and ends with it, so that no viewer can be given what was found in another's. What is kept must follow from that
    graph and the key alone, and nobody may change it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Future[Any]] = OrderedDict()

    def once(self, key: Hashable, work: Callable[[], Found]) -> Found:
        """Give what `work` finds; who asks the same while it is at work waits for it. An error is not kept, and is everyone's who waited."""
        with self._lock:
            found = self._kept.get(key)
            mine = found is None
            if found is None:
                found = self._kept[key] = Future()
                while len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
        if mine:
            try:
                found.set_result(work())
            except BaseException as error:  # noqa: BLE001  told to all who wait, and raised below
                with self._lock:
                    if self._kept.get(key) is found:
                        del self._kept[key]
                found.set_exception(error)
        given: Found = found.result()
        return given
