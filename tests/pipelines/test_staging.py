"""Bad rows: each has its rule, lands in quarantine with its reason, and is counted."""

import datetime as dt
import json
import math
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ml_etl.errors import ContractError
from tests.conftest import Data
from tests.shops import Shop, table

GOOD = {"t_dat": dt.date(2020, 1, 31), "customer_id": "c1", "article_id": "001", "price": 1.0}
BAD = {
    "null_key": {"customer_id": None},
    "future_date": {"t_dat": dt.date(2999, 1, 1)},
    "invalid_number": {"price": math.inf},
    "adjustment": {"quantity": 0},
    "negative_price": {"price": -1.0},
    "no_price": {"price": None},
    "unknown_article": {"article_id": "999"},
    "unknown_customer": {"customer_id": "nobody"},
}


def run(data: Data, shop: Shop, **ceilings: float) -> dict[str, int]:
    data.run("interactions", env="files", staging={"ceilings": {"transactions": 1.0}}, **shop.params)
    return data.runs()[0]["checks"]["tables"]["transactions"]


def quarantined(data: Data, table: str = "transactions") -> list[dict[str, Any]]:
    folder = data.folder / "02_intermediate" / "files" / "quarantine"
    found = pq.read_table(next(folder.glob(f"*/{table}.parquet"))).to_pylist()
    return [row | {"row": json.loads(row["row"])} for row in found]


def test_each_bad_row_is_quarantined_with_its_reason(data: Data, shop: Shop) -> None:
    shop.lines += [{**GOOD, **bad} for bad in BAD.values()]
    counts = run(data, shop.write())
    assert {rule: counts[f"rule.{rule}"] for rule in BAD} == dict.fromkeys(BAD, 1)
    assert (counts["rows_in"], counts["rows_out"], counts["quarantined"]) == (18, 10, 8)
    assert {row["rule"] for row in quarantined(data)} == set(BAD)


def test_a_mistyped_year_does_not_become_today(data: Data, shop: Shop) -> None:
    shop.lines.append({**GOOD, **BAD["future_date"]})
    run(data, shop.write())
    assert data.released().as_of == dt.datetime(2020, 2, 1, tzinfo=dt.UTC)


def test_nan_is_quarantined_like_infinity(data: Data, shop: Shop) -> None:
    shop.lines.append({**GOOD, "price": math.nan})
    assert run(data, shop.write())["rule.invalid_number"] == 1


def test_quarantine_keeps_the_row_as_it_came(data: Data, shop: Shop) -> None:
    shop.lines.append({**GOOD, **BAD["invalid_number"]})
    run(data, shop.write())
    (row,) = quarantined(data)
    assert row["row"]["price"] == math.inf
    assert row["source_key"].startswith("∅, c1, 001")


def test_equal_rows_are_two_purchases_unless_the_id_repeats(data: Data, shop: Shop) -> None:
    shop.lines = [{**GOOD, "transaction_id": t} for t in ("t1", "t2", "t2", None, None)]
    counts = run(data, shop.write())
    assert (counts["rows_out"], counts["duplicates"]) == (4, 1)  # two without an id stay two


def test_articles_and_customers_are_judged_too(data: Data, shop: Shop) -> None:
    shop.articles += [{"article_id": None}, {"article_id": "001"}, {"article_id": "005"}]
    shop.customers += [{"customer_id": ""}, {"customer_id": "c1"}, {"customer_id": "c9", "age": -3.0}]
    data.run("interactions", env="files", staging={"default_ceiling": 1.0}, **shop.write().params)
    tables = data.runs()[0]["checks"]["tables"]
    assert (tables["articles"]["rule.null_key"], tables["articles"]["duplicates"]) == (1, 1)
    assert (tables["customers"]["rule.null_key"], tables["customers"]["duplicates"]) == (1, 1)
    assert tables["customers"]["note.implausible_age"] == 2  # -3 and 200


def test_too_many_bad_rows_stop_the_run(data: Data, shop: Shop) -> None:
    shop.lines += [{**GOOD, "article_id": "999"}] * 5
    with pytest.raises(ContractError, match=r"5 of 15 rows rejected .*unknown_article.*ceiling") as error:
        data.run("interactions", env="files", **shop.write().params)
    assert error.value.exit_code == 3
    assert data.runs()[0]["status"] == "failed"
    assert "unknown_article" in data.runs()[0]["error"]
    (kept,) = data.folder.glob("02_intermediate/files/quarantine/*/transactions.parquet")
    assert pq.read_table(kept)["rule"].to_pylist() == ["unknown_article"] * 5


def test_moments_become_local_days(data: Data, shop: Shop) -> None:
    """New York: 04:59 UTC in winter is the day before; with a zone or without, moments are UTC."""
    moments = [dt.datetime(2020, 1, 31, 4, 59), dt.datetime(2020, 1, 31, 5, 0)]
    rows = {
        "timestamp": pa.array(moments, pa.timestamp("us", tz="UTC")),
        "customer_id": ["c1", "c1"],
        "article_id": ["001", "001"],
        "price": [1.0, 1.0],
    }
    shop.put("transactions", pa.table(rows))
    data.run("interactions", env="files", **{**shop.params, "shop_timezone": "America/New_York"})
    (row,) = data.released().read().to_pyarrow().to_pylist()
    assert (row["first_purchase_date"], row["last_purchase_date"]) == (
        dt.date(2020, 1, 30),
        dt.date(2020, 1, 31),
    )


def test_a_column_that_nothing_reads_is_judged_all_the_same(data: Data, shop: Shop) -> None:
    """An item's price goes no further than its judgement."""
    item = {"order_id": "o1", "article_id": "001", "order_date": dt.datetime(2020, 1, 31), "line_total": 5.0}
    items = [
        {**item, "order_item_id": "i1", "unit_price": 5.0},
        {**item, "order_item_id": "i2", "unit_price": math.nan},
    ]
    order = {"order_id": "o1", "customer_id": "c1", "order_date": dt.datetime(2020, 1, 31)}
    shop.write().put("orders", table([order])).put("order_items", table(items, unit_price=pa.float64()))
    data.run("customers", env="files", staging={"ceilings": {"order_items": 1.0}}, **shop.params)
    counts = data.runs()[0]["checks"]["tables"]["order_items"]
    assert (counts["rule.invalid_number"], counts["rows_out"]) == (1, 1)
    (row,) = quarantined(data, "order_items")
    assert math.isnan(row["row"]["unit_price"])
    assert row["source_key"] == "i2"
