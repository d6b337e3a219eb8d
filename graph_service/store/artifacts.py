"""
The published files that make a Neo4j Community server, fetched once into the user's cache and checked against `neo4j.lock`.

The lock has a line a file: path in a Maven repository, SHA-256, bytes. Its order is that of the class path.
"""

import hashlib
import shutil
import ssl
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from graph_service.errors import LocalStoreError

if TYPE_CHECKING:
    import requests

VERSION: Final = "5.26.29"
LOCK: Final = Path(__file__).with_name("neo4j.lock")
_THREADS: Final = 8
_TIMEOUT_SECONDS: Final = (10, 30)  # to connect; without a byte
_STAMP: Final = "complete"


@dataclass(frozen=True, slots=True)
class Artifact:
    """One published file: where it is in a Maven repository, its SHA-256 and its bytes."""

    path: str
    sha256: str
    size: int


def read_lock(lock: Path = LOCK) -> tuple[Artifact, ...]:
    """Read the list of files, in the order of the class path."""
    rows = (line.split() for line in lock.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#"))
    return tuple(Artifact(path, sha256, int(size)) for path, sha256, size in rows)


def user_cache() -> Path:
    """Give the folder where the files are kept for all services of this user."""
    import pooch

    return Path(pooch.os_cache("pmet")) / f"neo4j-{VERSION}"


def fetch(
    source: str | None = None,
    *,
    cache: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
    lock: Path = LOCK,
) -> tuple[Path, ...]:
    """
    Give the files of the lock, in its order, fetching those that the cache does not have.

    Parameters
    ----------
    source
        A mirror's address or a folder, in Maven layout; by default the public index.
    cache
        Folder to keep them in; by default `user_cache()`. A cache that is complete is not written to.
    progress
        Told, in a line, how far it is.
    lock
        The list of files.

    Raises
    ------
    LocalStoreError
        If a file cannot be had whole. One line, which names the source, the cache and what to set.
    """
    from filelock import FileLock

    artifacts, folder = read_lock(lock), cache or user_cache()
    stamp = hashlib.sha256(lock.read_bytes()).hexdigest()
    found = tuple(folder / artifact.path for artifact in artifacts)
    if _complete(folder, artifacts, stamp):
        return found
    base = source or _public_index()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock"):
            # Another process may have fetched them while this one waited.
            if not _complete(folder, artifacts, stamp):
                _fetch_missing(base, folder, artifacts, progress)
                (folder / _STAMP).write_text(stamp, encoding="utf-8")
    except OSError as error:
        raise _failed(base, folder, f"{error.strerror or type(error).__name__}") from None
    return found


def _complete(folder: Path, artifacts: tuple[Artifact, ...], stamp: str) -> bool:
    try:
        if (folder / _STAMP).read_text(encoding="utf-8") != stamp:
            return False
        return all((folder / artifact.path).stat().st_size == artifact.size for artifact in artifacts)
    except OSError:
        return False


def _fetch_missing(base: str, folder: Path, artifacts: tuple[Artifact, ...], progress: Callable[[str], None]) -> None:
    import pooch

    pooch.get_logger().setLevel("WARNING")  # it announces each of 212 files
    wanted = {artifact.path: artifact for artifact in artifacts}
    download, tries = _downloader(base)
    files = pooch.create(
        path=folder,
        base_url=base.rstrip("/") + "/",
        registry={path: f"sha256:{artifact.sha256}" for path, artifact in wanted.items()},
        retry_if_failed=tries,
    )
    for artifact in artifacts:
        # pooch makes a missing folder itself, but two threads may meet there.
        (folder / artifact.path).parent.mkdir(parents=True, exist_ok=True)
    total, done, told = sum(artifact.size for artifact in artifacts), 0, 0

    def one(artifact: Artifact) -> int:
        try:
            files.fetch(artifact.path, downloader=download)
        except Exception as error:  # noqa: BLE001  whatever a source does, the user is told which file and where from
            raise _failed(base, folder, f"{artifact.path}: {_reason(error)}") from None
        return artifact.size

    with ThreadPoolExecutor(_THREADS, thread_name_prefix="fetch") as pool:
        waiting = [pool.submit(one, artifact) for artifact in sorted(artifacts, key=lambda a: -a.size)]
        try:
            for future in waiting:
                done += future.result()
                if done * 10 // total > told:
                    told = done * 10 // total
                    progress(f"fetching Neo4j {VERSION}: {done // 1_000_000} of {total // 1_000_000} MB")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _downloader(base: str) -> tuple[Callable[[str, str, object], None], int]:
    """Give what brings one file from a source of this kind, and how often to try again."""
    if (local := _as_folder(base)) is not None:
        if not local.is_dir():
            raise FileNotFoundError(2, "there is no such folder")

        def copy(url: str, output: str, _: object) -> None:
            shutil.copyfile(local / url.removeprefix(base.rstrip("/") + "/"), output)

        return copy, 0

    session = _session()

    def download(url: str, output: str, _: object) -> None:
        with session.get(url, stream=True, timeout=_TIMEOUT_SECONDS) as answer, Path(output).open("wb") as file:
            answer.raise_for_status()
            file.writelines(answer.iter_content(1 << 16))

    return download, 2


def _as_folder(base: str) -> Path | None:
    parts = urlsplit(base)
    if parts.scheme in {"http", "https"}:
        return None
    return Path(url2pathname(parts.path)) if parts.scheme == "file" else Path(base).expanduser()


def _session() -> "requests.Session":
    """Make one session for all threads: a new one a file would read the certificates 212 times."""
    import requests
    import truststore
    from requests.adapters import HTTPAdapter

    class MachineTrust(HTTPAdapter):
        """Trusts whom the machine trusts, so that an inspecting proxy of an organisation works."""

        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  as requests has it
            kwargs["ssl_context"] = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            super().init_poolmanager(*args, **kwargs)

    session = requests.Session()
    session.mount("https://", MachineTrust(pool_maxsize=_THREADS))
    return session


def _public_index() -> str:
    from jgo.constants import MAVEN_CENTRAL_URL

    return str(MAVEN_CENTRAL_URL)


def _reason(error: Exception) -> str:
    from requests import exceptions

    # In this order: some of these are kinds of others, and all of requests' are an OSError.
    reasons: list[tuple[type[Exception], str]] = [
        (exceptions.Timeout, "the source stopped answering"),
        (exceptions.ConnectionError, "the source cannot be reached"),
        (exceptions.RequestException, "the source broke off"),
        (FileNotFoundError, "the source does not have it"),
        (ValueError, "what arrived is not the published file (short or changed)"),
    ]
    if isinstance(error, exceptions.HTTPError):
        return f"the source answered {error.response.status_code}"
    for kind, reason in reasons:
        if isinstance(error, kind):
            return reason
    return (isinstance(error, OSError) and error.strerror) or type(error).__name__


def _failed(source: str, cache: Path, reason: str) -> LocalStoreError:
    return LocalStoreError(
        f"Neo4j could not be fetched from {source} into {cache}: {reason}. Set PMET_MAVEN_URL to a mirror or a folder in Maven layout, "
        "or PMET_NEO4J_URI to a Neo4j that already runs."
    )


if __name__ == "__main__":
    # `make test` and the tests' fixture fill the cache in a process of their own: tests themselves may reach no network.
    from graph_service.settings import load_settings

    fetch(load_settings().maven_url, progress=lambda line: print(line, file=sys.stderr))  # noqa: T201
