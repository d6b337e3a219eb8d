"""How every Neo4j of ours is configured: the local one by file, that of docker-compose.yml by environment. One list for both."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

SERVER_SETTINGS: Final[Mapping[str, str]] = {
    "server.http.enabled": "false",
    "server.https.enabled": "false",
    # LOAD CSV would read the machine's files and call its network.
    "dbms.security.allow_csv_import_from_file_urls": "false",
    "internal.dbms.cypher_ip_blocklist": "0.0.0.0/0,::/0",
    # The folder of plugins is empty, and none could be called.
    "dbms.security.procedures.allowlist": "",
    "dbms.security.procedures.unrestricted": "",
    "dbms.security.auth_max_failed_attempts": "5",
    "dbms.security.auth_lock_time": "5s",
    # A default for statements that bring no limit of their own; ours all do.
    "db.transaction.timeout": "30s",
    # The server's own default waits for ever.
    "db.lock.acquisition.timeout": "5s",
    "db.memory.transaction.max": "256m",
    "dbms.memory.transaction.total.max": "512m",
    # More than the sum of all pools: an open transaction holds a thread.
    "server.bolt.thread_pool_max_size": "100",
    # Without preallocation a full disk may leave a store that does not start.
    "db.tx_log.preallocate": "true",
    "db.tx_log.rotation.size": "16M",
    "db.tx_log.rotation.retention_policy": "1 days 500M",
    # Bounds the time to recover after a crash.
    "db.checkpoint.interval.time": "3m",
    "dbms.usage_report.enabled": "false",
    # Ten seconds of every stop otherwise.
    "internal.dbms.bolt.netty_server_shutdown_quiet_period": "0",
    # Taken as it is needed: where the subjects of a million claims do not fit, reading those takes half as long again.
    "server.memory.pagecache.size": "256m",
}
# A heap of 512 MB has no room for half a gigabyte of transactions.
SMALL_HEAP_SETTINGS: Final[Mapping[str, str]] = {
    "db.memory.transaction.max": "128m",
    "dbms.memory.transaction.total.max": "256m",
}

JVM_OPTIONS: Final = (
    "-XX:+UseSerialGC",
    "-Xms128m",
    "-XX:+ExitOnOutOfMemoryError",
    "-Dlog4j2.disable.jmx=true",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dfile.encoding=UTF-8",
    "--enable-native-access=ALL-UNNAMED",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
)


def configuration(port: int, *, small_heap: bool) -> str:
    """Write neo4j.conf for a local server that listens on `port` of the loopback address, and says so in routing tables."""
    settings = {
        **SERVER_SETTINGS,
        **(SMALL_HEAP_SETTINGS if small_heap else {}),
        "server.default_listen_address": "127.0.0.1",
        "server.bolt.listen_address": f"127.0.0.1:{port}",
        "server.bolt.advertised_address": f"127.0.0.1:{port}",
        "server.directories.import": "import",
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def environment_name(setting: str) -> str:
    """Give the variable by which the official image takes a setting."""
    return "NEO4J_" + setting.replace("_", "__").replace(".", "_")


def java_arguments(class_path: tuple[Path, ...], home: Path, *, heap: str, quick: bool) -> str:
    """Write the file of arguments of the server's Java: short command lines everywhere, and the class path in the order of the lock."""
    options = [*JVM_OPTIONS, f"-Xmx{heap}", *(["-XX:TieredStopAtLevel=1"] if quick else [])]
    lines = [*options, "-cp", os.pathsep.join(map(str, class_path)), "org.neo4j.server.CommunityEntryPoint"]
    lines += [f"--home-dir={home}", f"--config-dir={home / 'conf'}", "--console-mode"]
    return "".join(f"{_quoted(line)}\n" for line in lines)


def is_small(heap: str) -> bool:
    """Say whether a heap, as Java writes it, has too little room for the usual transactions."""
    unit = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}.get(heap[-1].lower())
    return (int(heap[:-1]) * unit if unit else int(heap)) < 1 << 30


def _quoted(argument: str) -> str:
    return '"' + argument.replace("\\", "\\\\").replace('"', '\\"') + '"'
