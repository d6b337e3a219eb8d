"""The co-missing join is one expression: the same rows from DuckDB, from Spark and from the compiled kernel, on 10,000 episodes."""

from typing import Any

import pandas as pd
import pytest
from absences_made import made_absences

from queries.analysis.co_missing_join import count_pairs, overlaps, pairs_of_children

pytestmark = [pytest.mark.enable_socket, pytest.mark.filterwarnings("ignore")]  # Spark speaks to its Java on loopback


@pytest.mark.parametrize("within", [500.0, None])
def test_spark_gives_the_rows_that_duckdb_and_the_kernel_give(spark: Any, within: float | None) -> None:
    import ibis

    episodes = made_absences(10_000, seed=4, years=3).episodes
    on_spark = ibis.pyspark.connect(spark)
    spark.createDataFrame(episodes).createOrReplaceTempView("episodes")
    expression = pairs_of_children(overlaps(on_spark.table("episodes"), within_metres=within)).order_by("a", "b")
    found = on_spark.to_pandas(expression)
    expected = count_pairs(episodes, within_metres=within, engine="duckdb")
    assert len(expected) > 500
    pd.testing.assert_frame_equal(found, expected)
    if within is not None:
        pd.testing.assert_frame_equal(count_pairs(episodes, within_metres=within, engine="kernel"), expected)
