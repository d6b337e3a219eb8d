"""How loops are compiled. Import it only inside the function that needs it, or from a module that is: Numba takes up to a second to load."""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

Loop = TypeVar("Loop", bound=Callable[..., object])


def compiled(loop: Loop) -> Loop:
    """
    Compile a loop at its first call, and keep it on disk where something can be written: beside its file, or in the user's cache.

    Where nothing can be written (a container that is read-only) it is compiled once a process. Sums may be added up in another order than
    written, which moves the last digits.
    """
    try:
        return cast("Loop", numba.njit(cache=True, nogil=True, fastmath={"contract", "reassoc"})(loop))
    except RuntimeError:  # Numba finds no folder for its cache
        return cast("Loop", numba.njit(nogil=True, fastmath={"contract", "reassoc"})(loop))
