"""SQL in a parameter or in the data is only text: refused where it is no value, stored where it is one."""

from pathlib import Path
from typing import Any

import pytest

from ml_etl.errors import EtlError
from tests.conftest import Data
from tests.shops import Shop

SQL = "x'); DROP TABLE t; COPY (SELECT 1) TO '/tmp/ml_etl_was_here'; --"
LEFT = Path("/tmp/ml_etl_was_here")


@pytest.mark.parametrize(
    ("pipeline", "name"),
    [
        ("interactions", "as_of"),
        ("interactions", "shop_timezone"),
        ("interactions", "interactions.default_score"),
        ("timeseries", "timeseries.category"),
        ("timeseries", "timeseries.holiday_country"),
        ("interactions", "shop_folder"),
    ],
)
def test_parameters_that_are_no_values_are_refused(data: Data, shop: Shop, pipeline: str, name: str) -> None:
    with pytest.raises(EtlError) as error:
        data.run(pipeline, env="files", **{**shop.params, **_nested(name)})
    assert error.value.exit_code in (2, 3, 5)
    assert not LEFT.exists()


def _nested(name: str) -> dict[str, Any]:
    outer, _, inner = name.partition(".")
    return {outer: {inner: SQL}} if inner else {outer: SQL}


def test_sql_in_the_data_is_data(data: Data, shop: Shop) -> None:
    for row in (*shop.lines, *shop.articles):
        if row["article_id"] == "001":
            row["article_id"] = SQL
    shop.articles[1]["prod_name"] = SQL
    data.run("interactions", env="files", **shop.write().params)
    assert SQL in set(data.released().read().to_pandas()["article_id"])
    assert not LEFT.exists()
