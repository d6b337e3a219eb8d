"""Compiled loops work where nothing can be written, as in a read-only container."""

from typing import Any

import numba
import pytest

from queries.analysis.compiling import compiled


def twice(n: int) -> int:
    return n * 2


def test_without_a_folder_for_the_cache_a_loop_is_compiled_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    real: Any = numba.njit

    def nowhere(*, cache: bool = False, **options: Any) -> Any:
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return real(**options)

    monkeypatch.setattr(numba, "njit", nowhere)
    assert compiled(twice)(21) == 42
