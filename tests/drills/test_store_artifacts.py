"""Fetching the server's files from sources that fail: the right files, or one clear line that says what to set."""

import hashlib
import http.server
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from graph_service.errors import LocalStoreError
from graph_service.store.artifacts import LOCK, Artifact, fetch, read_lock

pytestmark = pytest.mark.drill

FILES = {f"org/example/part{n}/{n}/part{n}-{n}.jar": bytes([n]) * (1000 + n) for n in range(12)}
BAD = "org/example/part7/7/part7-7.jar"


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "neo4j.lock"
    path.write_text("".join(f"{name} {hashlib.sha256(body).hexdigest()} {len(body)}\n" for name, body in FILES.items()))
    return path


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    folder = tmp_path / "mirror"
    for name, body in FILES.items():
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_bytes(body)
    return folder


Answer = Callable[[http.server.BaseHTTPRequestHandler, bytes], None]


def whole(handler: http.server.BaseHTTPRequestHandler, body: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def cut(handler: http.server.BaseHTTPRequestHandler, body: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body[:100])


def missing(handler: http.server.BaseHTTPRequestHandler, body: bytes) -> None:
    handler.send_error(404)


def corrupt(handler: http.server.BaseHTTPRequestHandler, body: bytes) -> None:
    whole(handler, body[::-1][:-1] + b"!")


class Source:
    """A mirror on loopback that answers for one file as it is told, and counts what it was asked."""

    def __init__(self, address: str, asked: list[str], bad: list[Answer]) -> None:
        self.address, self.asked, self.bad = address, asked, bad


@pytest.fixture
def source() -> Iterator[Source]:
    asked: list[str] = []
    bad: list[Answer] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.removeprefix("/maven/")
            asked.append(name)
            answer = bad.pop(0) if name == BAD and bad else whole
            answer(self, FILES[name])

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Source(f"http://127.0.0.1:{server.server_address[1]}/maven", asked, bad)
        server.shutdown()
        thread.join()


def contents(found: tuple[Path, ...]) -> list[bytes]:
    return [path.read_bytes() for path in found]


def test_all_files_come_in_the_order_of_the_lock_and_once(source: Source, lock: Path, tmp_path: Path) -> None:
    told: list[str] = []
    cache = tmp_path / "cache"
    assert contents(fetch(source.address, cache=cache, lock=lock, progress=told.append)) == list(FILES.values())
    assert told
    assert contents(fetch(source.address, cache=cache, lock=lock)) == list(FILES.values())
    assert sorted(source.asked) == sorted(FILES)


@pytest.mark.parametrize("answer", [cut, missing, corrupt])
def test_one_bad_answer_is_asked_again(source: Source, lock: Path, tmp_path: Path, answer: Answer) -> None:
    source.bad.append(answer)
    assert contents(fetch(source.address, cache=tmp_path / "cache", lock=lock)) == list(FILES.values())
    assert source.asked.count(BAD) == 2


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(cut, "the source broke off|short or changed"), (missing, "answered 404"), (corrupt, "short or changed")],
)
def test_a_source_that_stays_bad_is_one_clear_line(
    source: Source, lock: Path, tmp_path: Path, answer: Answer, reason: str
) -> None:
    source.bad.extend([answer] * 9)
    cache = tmp_path / "cache"
    with pytest.raises(LocalStoreError, match=reason) as caught:
        fetch(source.address, cache=cache, lock=lock)
    for part in (BAD, source.address, str(cache), "PMET_MAVEN_URL", "PMET_NEO4J_URI"):
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)
    source.bad.clear()
    assert contents(fetch(source.address, cache=cache, lock=lock)) == list(FILES.values())


@pytest.mark.parametrize("fault", ["short", "changed", "gone"])
def test_a_folder_with_one_bad_file_is_one_clear_line(mirror: Path, lock: Path, tmp_path: Path, fault: str) -> None:
    bad = mirror / BAD
    match fault:
        case "short":
            bad.write_bytes(bad.read_bytes()[:-1])
        case "changed":
            bad.write_bytes(bad.read_bytes()[::-1][:-1] + b"!")
        case _:
            bad.unlink()
    with pytest.raises(LocalStoreError, match=f"{BAD}: .*PMET_MAVEN_URL") as caught:
        fetch(str(mirror), cache=tmp_path / "cache", lock=lock)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "cache" / BAD).exists()
    bad.write_bytes(FILES[BAD])
    assert contents(fetch(mirror.as_uri(), cache=tmp_path / "cache", lock=lock)) == list(FILES.values())


def test_no_folder_and_no_network_are_one_clear_line(lock: Path, tmp_path: Path) -> None:
    for source in (str(tmp_path / "nowhere"), "http://127.0.0.1:9/maven"):
        with pytest.raises(LocalStoreError, match=r"no such folder|cannot be reached"):
            fetch(source, cache=tmp_path / "cache", lock=lock)


def test_a_file_of_the_cache_that_was_cut_is_fetched_again(mirror: Path, lock: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    fetch(str(mirror), cache=cache, lock=lock)
    (cache / BAD).write_bytes(b"")
    assert contents(fetch(str(mirror), cache=cache, lock=lock)) == list(FILES.values())


def test_four_at_once_give_one_set_of_files(source: Source, lock: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: contents(fetch(source.address, cache=tmp_path / "cache", lock=lock)), range(4)))
    assert found == [list(FILES.values())] * 4
    assert sorted(source.asked) == sorted(FILES)


def test_the_lock_of_the_product_is_whole() -> None:
    artifacts = read_lock()
    assert len(artifacts) == len({artifact.path for artifact in artifacts}) == 212
    assert artifacts[-1].path.split("/")[-3] == "jaxb-runtime", "last on the class path on purpose"
    assert all(isinstance(a, Artifact) and len(a.sha256) == 64 and a.size > 0 for a in artifacts)
    assert "://" not in LOCK.read_text()
