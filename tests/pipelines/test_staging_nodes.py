"""What staging says of single rows: by the nodes alone, on tables a person can read."""

import datetime as dt
import math
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa

from ml_etl.as_of import AsOf
from ml_etl.pipeline_registry import DATASETS
from ml_etl.pipelines.staging.contracts import STAGED
from ml_etl.pipelines.staging.nodes import acceptor, counter, judge, repeat_counter
from ml_etl.pipelines.staging.params import StagingParams

AS_OF = AsOf(dt.date(2020, 2, 1), "Europe/Stockholm", dt.date(2020, 2, 10))
"""Its midnight is 23:00 UTC of the day before."""

CUSTOMERS = ibis.memtable(pd.DataFrame({"customer_id": ["c"], "customer_number": [0]}))
ARTICLES = ibis.memtable(pd.DataFrame({"article_id": ["a"], "article_number": [0], "is_merchandise": [True]}))


def test_orders_are_known_until_the_local_midnight_of_the_as_of() -> None:
    moments = {
        "known": "2020-01-31 22:59:59",
        "not yet": "2020-01-31 23:00:00",
        "seen, not yet known": "2020-02-10 22:59:59",
        "can't be true": "2020-02-10 23:00:00",
        "undated": None,
    }
    orders = pd.DataFrame({"order_id": [*moments], "order_date": pd.to_datetime([*moments.values()])})
    landed = ibis.memtable(orders.assign(customer_id="c"))
    judged = judge("orders")((), {"orders": {"keys": 0}}, landed, CUSTOMERS, AS_OF).to_pandas()
    rules = [rule.name for rule in STAGED["orders"].rules]
    found = {
        row.order_id: "" if pd.isna(row.broken_rule) else rules[int(row.broken_rule)]
        for row in judged.itertuples()
    }
    assert found == {"known": "", "can't be true": "future_date", "undated": "null_key"}


def test_a_line_without_its_value_or_what_was_paid_has_those_of_its_price() -> None:
    """30 gallons are one unit; what the shop does say stands."""
    lines = {
        "quantity": [3, 30, None, 2],
        "unit_of_measure": [None, "gallon", None, "each"],
        "price": [2.0, None, 7.0, 5.0],
        "line_value": [None, 40.0, None, 9.0],
        "paid": [None, None, None, 8.0],
    }
    landed = pd.DataFrame({"t_dat": dt.date(2020, 1, 31), "customer_id": "c", "article_id": "a", **lines})
    years = {"first": 2020, "last": 2020}
    looked_at = {"transactions": {"keys": 0}, "years": years}
    judged = judge("transactions")((), looked_at, ibis.memtable(landed), ARTICLES, CUSTOMERS, AS_OF)
    told = judged.order_by("line_value").to_pyarrow().to_pylist()
    assert [row["broken_rule"] for row in told] == [None] * 4
    assert [(row["units"], row["line_value"], row["paid"]) for row in told] == [
        (3, 6, 6),
        (1, 7, 7),
        (2, 9, 8),
        (1, 40, 40),
    ]


def test_an_order_item_of_an_unknown_article_is_rejected() -> None:
    items = {"order_item_id": ["1", "2", "3"], "order_id": "o", "article_id": ["a", "b", None]}
    judged = judge("order_items")(
        (), {"order_items": {"keys": 0}}, ibis.memtable(pd.DataFrame(items)), ARTICLES, AS_OF
    )
    found = {row["source_key"]: row["broken_rule"] for row in judged.to_pyarrow().to_pylist()}
    rules = [rule.name for rule in STAGED["order_items"].rules]
    assert found == {None: None, "2": rules.index("unknown_article"), "3": rules.index("null_key")}


def test_a_row_that_comes_again_is_left_out_though_none_is_rejected() -> None:
    orders = pd.DataFrame(
        {"order_id": ["1", "1", "2"], "customer_id": "c", "updated_at": dt.datetime(2020, 1, 2)}
    )
    landed = ibis.memtable(orders.assign(order_date=dt.datetime(2020, 1, 1)))
    judged = judge("orders")((), {"orders": {"keys": 1}}, landed, CUSTOMERS, AS_OF)
    (counts,) = counter("orders")(judged)["orders"].to_pyarrow().to_pylist()
    assert (counts["quarantined"], counts["duplicates"]) == (0, 1)
    accepted = acceptor("orders")(judged, {"orders": counts}, judged, StagingParams()).to_pandas()
    assert sorted(accepted.order_id) == ["1", "2"]


def test_customers_are_numbered_in_the_order_of_their_ids_and_equal_ids_alike() -> None:
    ids = ["c", "a", "b", "a", "c", "c"]
    landed = ibis.memtable(pd.DataFrame({"customer_id": ids, "landed_at": dt.datetime(2020, 1, 1)}))
    judged = judge("customers")((), {"customers": {"keys": 2}}, landed, AS_OF)
    judged = judged.select("customer_id", "customer_number").to_pandas()
    assert sorted(judged.itertuples(index=False, name=None)) == [
        *[("a", 0), ("a", 0), ("b", 1)],
        *[("c", 2), ("c", 2), ("c", 2)],
    ]


def test_two_days_of_a_week_are_one_promotion() -> None:
    """They repeat a key only once both are the week's Monday; older snapshots are not looked at."""
    days = ["2020-01-07", "2020-01-09", "2020-01-14", "2020-01-15"]
    landed_at = [dt.datetime(2020, 1, 20)] * 3 + [dt.datetime(2020, 1, 10)]
    promo = pd.DataFrame({"article_id": "a", "week": pd.to_datetime(days).date, "landed_at": landed_at})
    landed = ibis.memtable(promo.assign(display_share=[0.2, 0.1, 0.3, 0.4]))
    articles = ibis.memtable(pd.DataFrame({"article_id": ["a"], "article_number": [0]}))
    repeats = repeat_counter("promo")(landed, AS_OF)["promo"].to_pyarrow().to_pylist()
    assert repeats == [{"keys": 1}]
    judged = judge("promo")((), {"promo": repeats[0]}, landed, articles, AS_OF).to_pandas()
    found = judged.sort_values(["week", "is_duplicate"])[["week", "display_share", "is_duplicate"]]
    assert [(str(week)[:10], share, again) for week, share, again in found.itertuples(index=False)] == [
        ("2020-01-06", 0.1, False),
        ("2020-01-06", 0.2, True),
        ("2020-01-13", 0.3, False),
    ]


def test_articles_are_numbered_in_the_order_of_their_ids() -> None:
    landed = pd.DataFrame({"article_id": ["10", "9", "08", "9"], "landed_at": dt.datetime(2020, 1, 1)})
    undated = {"articles": {"keys": 0}, "years": {"first": None, "last": None}}
    judged = judge("articles")((), undated, ibis.memtable(landed), AS_OF)
    judged = judged.select("article_id", "article_number").to_pandas()
    assert sorted(judged.itertuples(index=False, name=None)) == [("08", 0), ("10", 1), ("9", 2), ("9", 2)]


def test_a_column_is_kept_for_the_datasets_that_read_it() -> None:
    """A run that builds none of them, as `--pipelines staging`, keeps what any dataset reads."""
    ids = pd.DataFrame({"customer_id": ["c"], "landed_at": [dt.datetime(2020, 1, 1)]})

    def kept(*building: str) -> set[str]:
        judged = judge("customers")(building, {"customers": {"keys": 0}}, ibis.memtable(ids), AS_OF)
        return {column.name for column in STAGED["customers"].columns} & set(judged.columns)

    key, everything = {"customer_id", "customer_number"}, {c.name for c in STAGED["customers"].columns}
    assert kept("articles") == {*key, "age"}
    assert kept("interactions", "articles") == {*key, "age", "age_band"}
    assert kept("timeseries") == key
    assert kept("timeseries", "customers") == kept() == everything


def test_readers_of_columns_are_datasets_and_the_columns_are_there() -> None:
    for contract in STAGED.values():
        assert set(contract.read_by) <= {column.name for column in contract.columns}, contract.table
        assert {name for names in contract.read_by.values() for name in names} <= set(DATASETS)


def test_an_order_is_read_as_it_was_before_the_as_of() -> None:
    """Its midnight is 23:00 UTC; an order that was overwritten since keeps what does not change."""
    before, after = dt.datetime(2020, 1, 31, 22, 59), dt.datetime(2020, 1, 31, 23)
    versions = [
        ("seen twice", "pending", 5.0, before),
        ("seen twice", "returned", 9.0, after),
        ("seen later", "returned", 9.0, after),
        ("seen later, no number", "returned", math.inf, after),
        ("undated", "paid", 3.0, None),
    ]
    orders = pd.DataFrame(versions, columns=["order_id", "payment_status", "total_amount", "updated_at"])
    landed = ibis.memtable(orders.assign(customer_id="c", order_date=dt.datetime(2020, 1, 1)))
    judged = judge("orders")((), {"orders": {"keys": 1}}, landed, CUSTOMERS, AS_OF)
    (counts,) = counter("orders")(judged)["orders"].to_pyarrow().to_pylist()
    assert (counts["rows_in"], counts["rows_out"], counts["note.updated_later"]) == (4, 4, 2)
    found = acceptor("orders")(judged, {"orders": counts}, judged, StagingParams(default_ceiling=0.0))
    told = {row["order_id"]: row for row in found.to_pyarrow().to_pylist()}
    assert {name: (row["payment_status"], row["total_amount"]) for name, row in told.items()} == {
        "seen twice": ("pending", 5),
        "seen later": (None, None),
        "seen later, no number": (None, None),
        "undated": ("paid", 3),
    }


def test_an_item_without_its_value_has_that_of_its_price() -> None:
    items = pd.DataFrame(
        {
            "order_item_id": ["1", "2", "3", "4"],
            "quantity": [2, None, 3, 2],
            "unit_price": [5.0, 5.0, None, 5.0],
            "line_total": [None, None, None, 9.0],
        }
    )
    landed = ibis.memtable(items.assign(order_id="o", article_id="a"))
    building = ("customers",)
    judged = judge("order_items")(building, {"order_items": {"keys": 0}}, landed, ARTICLES, AS_OF)
    assert sorted(judged.line_total.to_pyarrow().to_pylist(), key=str) == [10, 5, 9, None]


def test_what_cannot_be_a_price_or_a_stock_is_unknown_and_the_article_stays() -> None:
    articles = pd.DataFrame(
        {
            "article_id": ["a", "b", "c", "d"],
            "price": [-1.0, math.inf, 2.0, 0.0],
            "stock": [1.0, 2.0, math.inf, -3.0],
        }
    )
    looked_at = {"articles": {"keys": 0}, "years": {"first": None, "last": None}}
    judged = judge("articles")(
        tuple(DATASETS), looked_at, ibis.memtable(articles.assign(landed_at=dt.datetime(2020, 1, 1))), AS_OF
    )
    (counts,) = counter("articles")(judged)["articles"].to_pyarrow().to_pylist()
    noted = {name: counts[f"note.{name}"] for name in ("negative_price", "invalid_price", "invalid_stock")}
    assert (counts["rows_out"], noted) == (
        4,
        {"negative_price": 1, "invalid_price": 1, "invalid_stock": 1},
    )
    told = {row["article_id"]: row for row in judged.to_pyarrow().to_pylist()}
    assert {name: (row["price"], row["stock"]) for name, row in told.items()} == {
        "a": (None, 1),
        "b": (None, 2),
        "c": (2, None),
        "d": (0, -3),
    }


def test_ages_are_judged_as_they_came() -> None:
    ages = {"young": 0.6, "one": 1.0, "between": 34.9, "old": 110.0, "too old": 110.4, "nobody": math.nan}
    customers = pd.DataFrame({"customer_id": [*ages], "age": [*ages.values()], "age_band": ""})
    landed = ibis.memtable(customers.assign(landed_at=dt.datetime(2020, 1, 1)))
    judged = judge("customers")(tuple(DATASETS), {"customers": {"keys": 0}}, landed, AS_OF)
    told = {row["customer_id"]: row for row in judged.to_pyarrow().to_pylist()}
    assert {name: (row["age"], row["age_band"]) for name, row in told.items()} == {
        "young": (None, None),
        "one": (1, "0-18"),
        "between": (34, "25-34"),
        "old": (110, "65+"),
        "too old": (None, None),
        "nobody": (None, None),
    }
    assert {name for name, row in told.items() if row["note.implausible_age"]} >= {"young", "too old"}


def _lines(as_of: AsOf = AS_OF, **columns: Any) -> tuple[pd.DataFrame, dict[str, int]]:
    """Purchase lines of c and a on the last complete day, judged, by a channel that numbers them; counts."""
    n = max(len(given) for given in columns.values() if isinstance(given, list))
    same = {"customer_id": "c", "article_id": "a", "t_dat": dt.date(2020, 1, 31)}
    told = {
        name: given if isinstance(given, list) else [given] * n for name, given in (same | columns).items()
    }
    numbered = ibis.memtable(pa.table({**told, "sales_channel_id": list(range(n))}))
    looked_at = {"transactions": {"keys": 1}, "years": {"first": 2020, "last": 2020}}
    judged = judge("transactions")((), looked_at, numbered, ARTICLES, CUSTOMERS, as_of)
    (counts,) = counter("transactions")(judged)["transactions"].to_pyarrow().to_pylist()
    return judged.order_by("sales_channel_id").to_pandas(), counts


def test_an_empty_id_says_nothing() -> None:
    """Lines without an id are purchases of their own, and in no common basket or shop."""
    empty = ["", "", None]
    judged, counts = _lines(
        transaction_id=empty,
        basket_id=empty,
        store_id=empty,
        unit_of_measure=empty,
        quantity=[2, 2, 2],
        price=1.0,
    )
    assert (counts["rows_out"], counts["duplicates"]) == (3, 0)
    assert judged[["basket_id", "store_id"]].isna().all(axis=None)
    assert list(judged["units"]) == [2, 2, 2]


def test_orders_with_an_empty_id_are_rejected_not_taken_for_one() -> None:
    orders = pd.DataFrame({"order_id": ["", "", "o"], "order_date": dt.datetime(2020, 1, 1)})
    landed = ibis.memtable(orders.assign(customer_id="c"))
    judged = judge("orders")((), {"orders": {"keys": 1}}, landed, CUSTOMERS, AS_OF)
    (counts,) = counter("orders")(judged)["orders"].to_pyarrow().to_pylist()
    assert (counts["rule.null_key"], counts["duplicates"], counts["rows_out"]) == (2, 0, 1)


def test_fuel_that_is_given_back_is_a_return() -> None:
    judged, counts = _lines(
        quantity=[10, -10, -10],
        price=2.0,
        regular_price=3.0,
        line_value=[20.0, 20.0, None],
        unit_of_measure="l",
    )
    assert list(judged["units"]) == [1, -1, -1]
    assert counts["note.return"] == 2 and counts["quarantined"] == 0
    assert list(judged["line_value"]) == [20, 20, -20]
    assert judged[["price", "regular_price"]].isna().all(axis=None)


def test_a_part_of_a_unit_is_rejected_and_what_counts_no_units_keeps_its_value() -> None:
    quantities = [1.5, 0.4, math.nan, math.inf, 2.0, 1.5, math.inf]
    units = ["each"] * 5 + ["l"] * 2
    judged, counts = _lines(quantity=quantities, price=10.0, unit_of_measure=units)
    rules = [rule.name for rule in STAGED["transactions"].rules]
    found = ["" if pd.isna(place) else rules[int(place)] for place in judged["broken_rule"]]
    assert found[:2] == ["invalid_quantity"] * 2 and found[4:6] == ["", ""]
    assert counts["rows_out"] == 2
    assert list(judged["units"])[4:6] == [2, 1] and list(judged["line_value"])[4:6] == [20, 15]


def test_a_day_in_the_place_of_a_moment_is_that_local_day() -> None:
    for zone in ("America/New_York", "Asia/Tokyo", "Pacific/Auckland", "Pacific/Kiritimati"):
        as_of = AsOf(dt.date(2020, 2, 1), zone, dt.date(2020, 2, 10))
        days = [dt.date(2020, 1, 31), dt.date(2020, 2, 1), dt.date(2020, 7, 1)]
        orders = pa.table(
            {"order_id": ["known", "not yet", "later"], "order_date": days, "customer_id": ["c"] * 3}
        )
        judged = judge("orders")((), {"orders": {"keys": 0}}, ibis.memtable(orders), CUSTOMERS, as_of)
        found = judged.to_pandas().set_index("order_id")["broken_rule"]
        assert "known" in found.index and "not yet" not in found.index, zone
        created = pa.table(
            {"article_id": ["a", "b", "c"], "created_at": days, "landed_at": [dt.datetime(2020, 1, 1)] * 3}
        )
        looked_at = {"articles": {"keys": 0}, "years": {"first": 2020, "last": 2020}}
        articles = judge("articles")((), looked_at, ibis.memtable(created), as_of).order_by("article_id")
        assert list(articles.to_pandas()["created_on"]) == [pd.Timestamp(day) for day in days], zone
        judged, _counts = _lines(as_of, returned_at=[days[0]], price=1.0)
        assert list(judged["returned_on"]) == [pd.Timestamp(days[0])], zone


def test_who_signed_up_after_the_newest_snapshot_and_before_the_as_of_is_known() -> None:
    """By the first snapshot that has them. Who is on a later one without a date may have come later."""
    known, first, second = dt.datetime(2020, 1, 31), dt.datetime(2020, 2, 1), dt.datetime(2020, 2, 2)
    day, after = dt.date(2020, 1, 31), dt.date(2020, 2, 1)
    rows = [
        ("old", dt.date(2019, 1, 1), "1", dt.datetime(2020, 1, 30)),
        ("old", dt.date(2019, 1, 1), "2", known),
        ("old", dt.date(2019, 1, 1), "3", first),
        ("new", day, "4", first),
        ("new", day, "5", second),
        ("later", after, "6", first),
        ("undated", None, "7", first),
    ]
    landed = ibis.memtable(
        pd.DataFrame(rows, columns=["customer_id", "signup_date", "postal_code", "landed_at"]),
        schema={
            "customer_id": "string",
            "signup_date": "date",
            "postal_code": "string",
            "landed_at": "timestamp",
        },
    )
    repeats = repeat_counter("customers")(landed, AS_OF)["customers"].to_pyarrow().to_pylist()
    judged = judge("customers")((), {"customers": {"keys": 0}}, landed, AS_OF).to_pandas()
    assert repeats == [{"keys": 0}]
    found = judged.set_index("customer_id")
    assert dict(found["postal_code"]) == {"old": "2", "new": "4"}
    assert dict(found["note.snapshot_after_as_of"]) == {"old": False, "new": True}


def test_a_barcode_is_no_quantity() -> None:
    lines = pd.DataFrame({"quantity": [5_012_345_678, -(2**63), 1_000_000], "line_value": 3.0})
    landed = lines.assign(t_dat=dt.date(2020, 1, 31), customer_id="c", article_id="a")
    looked_at = {"transactions": {"keys": 0}, "years": {"first": 2020, "last": 2020}}
    judged = judge("transactions")((), looked_at, ibis.memtable(landed), ARTICLES, CUSTOMERS, AS_OF)
    (counts,) = counter("transactions")(judged)["transactions"].to_pyarrow().to_pylist()
    assert (counts["rule.impossible_quantity"], counts["rows_out"]) == (2, 1)
