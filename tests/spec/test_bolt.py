"""What the store promises its callers, on a real Neo4j."""

import datetime as dt
import zoneinfo
from concurrent.futures import ThreadPoolExecutor

import pytest

from graph_service.errors import ConflictError, DiskFullError, StoreFaultError
from graph_service.store.bolt import FLOOR_BYTES, BoltStore
from graph_service.store.local import LocalNeo4j
from graph_service.store.schema import ensure_schema, schema_statements

ADD = "CREATE (n:Entity {uid: $uid}) RETURN n.uid AS uid"
COUNT = "MATCH (n:Entity) RETURN count(n) AS n"
NOON = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)


def count(store: BoltStore) -> int:
    return int(store.read(COUNT)[0]["n"])


def test_a_command_sent_twice_takes_effect_once(store: BoltStore) -> None:
    assert store.write([(ADD, {"uid": "ana"})], command_id="one") == [[{"uid": "ana"}]]
    assert store.write([(ADD, {"uid": "ana"})], command_id="one") is None
    assert count(store) == 1


def test_a_command_sent_eight_times_at_once_takes_effect_once(store: BoltStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: store.write([(ADD, {"uid": "ana"})], command_id="one"), range(8)))
    assert sum(answer is not None for answer in answers) == 1
    assert count(store) == 1


def test_all_statements_of_a_write_or_none(store: BoltStore) -> None:
    with pytest.raises(ConflictError):
        store.write([(ADD, {"uid": "ana"}), (ADD, {"uid": "ben"}), (ADD, {"uid": "ana"})], command_id="one")
    assert count(store) == 0
    assert store.write([(ADD, {"uid": "ana"})], command_id="one") == [[{"uid": "ana"}]]


def test_a_taken_key_is_told_without_the_key(store: BoltStore) -> None:
    store.write([(ADD, {"uid": "secret-name"})], command_id="one")
    with pytest.raises(ConflictError) as caught:
        store.write([(ADD, {"uid": "secret-name"})], command_id="two")
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_refused_statement_is_told_without_its_values(store: BoltStore) -> None:
    with pytest.raises(StoreFaultError) as caught:
        store.read("RETURN date($text) AS day", {"text": "Alice Example"})
    assert "Alice" not in str(caught.value)


def test_writers_that_meet_in_opposite_orders_all_succeed(store: BoltStore) -> None:
    store.write([(ADD, {"uid": uid}) for uid in "ab"], command_id="both")
    touch = "MATCH (n:Entity {uid: $uid}) SET n.touched = coalesce(n.touched, 0) + 1 RETURN n.touched"

    def both(number: int) -> object:
        order = "ab" if number % 2 else "ba"
        return store.write([(touch, {"uid": uid}) for uid in order], command_id=f"touch {number}")

    with ThreadPoolExecutor(8) as pool:
        assert all(answer is not None for answer in pool.map(both, range(24)))
    assert store.read("MATCH (n:Entity) RETURN collect(n.touched) AS t") == [{"t": [24, 24]}]


def test_where_the_first_statement_finds_nothing_nothing_of_the_rest_is_kept(store: BoltStore) -> None:
    statements = [("MATCH (n:Entity {uid: 'ana'}) RETURN n.uid AS uid", {}), (ADD, {"uid": "ben"})]
    assert store.write(statements, command_id="one", first_decides=True) == [[]]
    assert count(store) == 0
    store.write([(ADD, {"uid": "ana"})], command_id="two")
    assert store.write(statements, command_id="one", first_decides=True) == [[{"uid": "ana"}], [{"uid": "ben"}]]


def test_instants_come_back_in_utc(store: BoltStore) -> None:
    store.write([("CREATE (:Entity {uid: 'x', at: $at})", {"at": NOON})], command_id="one")
    (row,) = store.read("MATCH (n:Entity) RETURN n.at AS at, [n.at] AS listed, n AS node, date(n.at) AS day")
    assert row["at"] == NOON
    assert row["at"].tzinfo is dt.UTC
    assert row["listed"] == [NOON]
    assert row["node"] == {"uid": "x", "at": NOON}
    assert row["day"] == dt.date(2026, 5, 1)


@pytest.mark.parametrize(
    "zone", [zoneinfo.ZoneInfo("Europe/London"), zoneinfo.ZoneInfo("UTC"), None], ids=["London", "UTC", "none"]
)
def test_only_instants_in_utc_are_sent(store: BoltStore, zone: dt.tzinfo | None) -> None:
    with pytest.raises(ValueError, match=r"parameter rows .* convert it"):
        store.read("RETURN $rows", {"rows": [{"at": NOON.replace(tzinfo=zone)}]})
    assert store.read("RETURN $rows AS rows", {"rows": [{"at": NOON}]}) == [{"rows": [{"at": NOON}]}]


def test_a_full_disk_refuses_writes_and_serves_reads(neo4j_server: LocalNeo4j, store: BoltStore) -> None:
    free = [FLOOR_BYTES - 1]
    with BoltStore(neo4j_server.address, disk_free=lambda: free[0]) as nearly_full:
        with pytest.raises(DiskFullError, match="free some room"):
            nearly_full.write([(ADD, {"uid": "ana"})], command_id="one")
        assert count(nearly_full) == 0
        free[0] = FLOOR_BYTES
        assert nearly_full.write([(ADD, {"uid": "ana"})], command_id="one") == [[{"uid": "ana"}]]


def test_the_server_reads_no_file_and_no_address(store: BoltStore) -> None:
    for place in ("file:///etc/passwd", f"http://{'127.0.0.1'}:9/"):
        with pytest.raises(StoreFaultError):
            store.read("LOAD CSV FROM $place AS line RETURN line", {"place": place})


def test_the_schema_is_there_and_may_be_ensured_again(store: BoltStore) -> None:
    ensure_schema(store)
    present = {row["name"] for row in store.read("SHOW INDEXES YIELD name, state WHERE state = 'ONLINE' RETURN name")}
    wanted = {text.split(" IF NOT EXISTS")[0].split()[-1] for text in schema_statements() if text.startswith("CREATE")}
    assert wanted <= present


def test_it_is_ready_only_while_it_answers(neo4j_server: LocalNeo4j, store: BoltStore) -> None:
    assert store.ready()
    other = BoltStore(neo4j_server.address)
    other.close()
    assert not other.ready()
