"""The co-missing join is one expression: the same rows from DuckDB, from Spark and from the compiled kernel, on 10,000 episodes."""

import re
import textwrap
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from absences_made import made_absences

from queries.analysis.co_missing_join import count_pairs, overlaps, pairs_of_children

# The blocks that docs/scale.md shows: DuckDB, then Spark.
SHOWN = [
    textwrap.dedent(block)
    for block in re.findall(
        r"```python\n(.*?)```", (Path(__file__).parents[2] / "docs" / "scale.md").read_text(encoding="utf-8"), re.DOTALL
    )
]
pytestmark = [pytest.mark.enable_socket, pytest.mark.filterwarnings("ignore")]  # Spark speaks to its Java on loopback


def test_spark_gives_the_rows_that_duckdb_gives_in_time_alone(spark: Any) -> None:
    import ibis

    episodes = made_absences(10_000, seed=4, years=3).episodes
    on_spark = ibis.pyspark.connect(spark)
    spark.createDataFrame(episodes).createOrReplaceTempView("episodes")
    found = on_spark.to_pandas(pairs_of_children(overlaps(on_spark.table("episodes"))).order_by("a", "b"))
    expected = count_pairs(episodes, engine="duckdb")
    assert len(expected) > 500
    pd.testing.assert_frame_equal(found, expected)


def test_what_the_page_shows_a_region_runs_and_keeps_the_rows_of_the_kernel(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_duckdb, on_spark = SHOWN
    episodes = made_absences(10_000, seed=4, years=3).episodes
    expected = count_pairs(episodes, within_metres=500, engine="kernel")
    assert len(expected) > 500
    monkeypatch.chdir(tmp_path)
    with duckdb.connect("region.duckdb") as region:
        region.register("made", episodes)
        region.execute("CREATE TABLE episodes AS FROM made")
    names: dict[str, Any] = {"session": spark}
    exec(on_duckdb, names)  # noqa: S102  our own page
    kept = names["engine"].raw_sql("FROM pairs ORDER BY a, b").df()
    names["engine"].disconnect()
    pd.testing.assert_frame_equal(kept, expected)
    spark.createDataFrame(episodes).createOrReplaceTempView("episodes")
    exec(on_spark.replace('parquet("pairs")', f'parquet("{tmp_path}/pairs")'), names)  # noqa: S102
    written = spark.read.parquet(f"{tmp_path}/pairs").toPandas().sort_values(["a", "b"], ignore_index=True)
    pd.testing.assert_frame_equal(written, expected)
