"""Customers of a shop small enough to check by eye (rows are numbered in tests/shops.py)."""

import datetime as dt
import hashlib
import hmac
import json
from decimal import Decimal
from math import log, sqrt
from types import SimpleNamespace
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa
import pytest

from ml_etl.contracts import MONEY, tables
from ml_etl.errors import ContractError
from ml_etl.pipelines.customers import segments
from ml_etl.pipelines.customers.contracts import CUSTOMERS
from ml_etl.pipelines.customers.orders import order_habits, order_sizes
from ml_etl.pipelines.customers.params import OrderParams
from ml_etl.pipelines.customers.preferences import _entropy, _summed
from tests.conftest import Data
from tests.shops import Shop, table

D, T = dt.date, dt.datetime
KEY = "a key of the test"
ORDERS = [
    {
        "order_id": "o1",
        "customer_id": "c1",
        "order_date": T(2020, 1, 1),
        "total_amount": 10.0,
        "payment_status": "Paid",
    },
    {"order_id": "o2", "customer_id": "c1", "order_date": T(2020, 1, 31), "payment_status": "returned"},
    {"order_id": "o3", "customer_id": "c2", "order_date": T(2020, 1, 30), "total_amount": 26.5},
]
ITEMS = [
    {"order_item_id": "i1", "order_id": "o1", "article_id": "001", "line_total": 10.0},
    {"order_item_id": "i2", "order_id": "o2", "article_id": "001", "line_total": 8.0},
    {"order_item_id": "i3", "order_id": "o2", "article_id": "002", "line_total": 5.5},
    {"order_item_id": "i4", "order_id": "o2", "article_id": "002", "line_total": 5.5},
    {"order_item_id": "i5", "order_id": "o3", "article_id": "002", "line_total": 26.5},
]


def run(data: Data, shop: Shop, **more: Any) -> None:
    data.run("customers", env="files", **shop.params, **more)


def rows(data: Data, name: str | None = None) -> dict[Any, dict[str, Any]]:
    return by_key(data.released("customers").read(name))


def by_key(table: Any) -> dict[Any, dict[str, Any]]:
    """Rows by their first column."""
    return {next(iter(row.values())): row for row in table.to_pyarrow().to_pylist()}


def filled(shop: Shop) -> Shop:
    """The shop with product types, orders, a customer who never bought and one who signs up later."""
    for article, kind in zip(shop.articles, ("bread", "bread", "bread", "air"), strict=True):
        article["product_type_name"] = kind
    shop.customers[0] |= {
        "postal_code": "12345",
        "club_member_status": "ACTIVE",
        "signup_date": D(2019, 12, 1),
    }
    shop.customers += [
        {"customer_id": "c4", "age": 0.0, "age_band": None},
        {"customer_id": "c5", "age": -3.0, "signup_date": D(2020, 1, 20)},
        {"customer_id": "c6", "age": 30.0, "signup_date": D(2020, 2, 1)},  # the as-of: not known yet
    ]
    return shop.write().put("orders", table(ORDERS)).put("order_items", table(ITEMS))


@pytest.fixture
def full(shop: Shop) -> Shop:
    """A filled shop to change and run."""
    return filled(shop)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Data:
    """A filled shop, released once with a key, for the tests that only read."""
    folder = tmp_path_factory.mktemp("customers")
    made = Data(folder / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ML_ETL_DATA", str(made.folder))
        patch.setenv("ML_ETL_HASH_KEY", KEY)
        run(made, filled(Shop(folder / "shop")))
    return made


@pytest.fixture
def release(made: Data, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("ML_ETL_DATA", str(made.folder))
    return made.released("customers")


@pytest.fixture
def found(release: Any) -> dict[str, dict[str, Any]]:
    return by_key(release.read())


def test_everyone_known_is_there(release, found) -> None:
    assert [*found] == ["c1", "c2", "c3", "c4", "c5"]
    known = {name: (row["known_from"], row["tenure_days"]) for name, row in found.items()}
    assert known["c1"] == (D(2019, 12, 1), 61)  # signed up before the first purchase
    assert known["c2"] == (D(2020, 1, 30), 1)
    assert known["c4"] == (None, None)  # on the shop's list, without a date
    assert known["c5"] == (D(2020, 1, 20), 11)
    card = release.read("card")
    assert (card["buyers"], card["never_bought"], card["undated"]) == (3, 2, 1)


def test_ages_that_no_one_has_are_unknown(found) -> None:
    ages = {name: (row["age"], row["age_band"]) for name, row in found.items()}
    assert ages["c1"] == (20, "19-24")
    assert ages["c2"] == ages["c4"] == ages["c5"] == (None, "UNKNOWN")  # 200, 0 and -3 years
    assert (found["c1"]["club_member_status"], found["c2"]["club_member_status"]) == ("ACTIVE", "ABSENT")


def test_postal_codes_leave_only_as_keyed_hash(made: Data, found) -> None:
    expected = hmac.new(KEY.encode(), b"12345", hashlib.sha256).hexdigest()
    assert {name: row["postal_code_hash"] for name, row in found.items() if row["postal_code_hash"]} == {
        "c1": expected
    }
    for path in (made.folder / "05_model_input").rglob("*.*"):
        content = path.read_bytes() if path.is_file() else b""
        assert KEY.encode() not in content, path
        assert b"12345" not in content, path


def test_without_a_key_postal_codes_are_null_and_it_is_said(
    made: Data, release, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = filled(Shop(made.folder.parent / "shop"))
    run(made, shop, as_of="2020-01-31", run_id="keyless")
    keyless = made.released("customers", version="keyless")
    assert {row["postal_code_hash"] for row in by_key(keyless.read()).values()} == {None}
    assert keyless.read("card")["postal_code"].startswith("null")
    ids = [r.manifest.parameters["customers"]["postal_key_id"] for r in (release, keyless)]
    assert ids[1] is None and len(ids[0]) == 8  # so that another key is another release


def test_windows_and_returns(found) -> None:
    first = found["c1"]
    assert (first["transaction_count_30d"], first["transaction_count_90d"]) == (4, 5)  # row 1 has age 30
    assert (first["spent_30d"], first["spent_lifetime"]) == (Decimal(29), Decimal(39))
    assert (first["distinct_articles_30d"], first["active_days_30d"]) == (2, 2)
    back = found["c2"]  # row 8 gave one of row 6's three units back
    assert back["transaction_count_30d"] == 2
    assert (back["unit_count_30d"], back["spent_30d"], back["net_spent_30d"]) == (
        4,
        Decimal("26.5"),
        Decimal(21),
    )


def test_who_never_bought_has_counts_of_zero_and_no_scores(found) -> None:
    row = found["c4"]
    assert (row["transaction_count_30d"], row["spent_lifetime"], row["active_days_365d"]) == (0, 0, 0)
    assert row["order_count"] == 0
    names = ("recency_days", "frequency", "monetary", "rfm_score", "rfm_segment", "segment", "free_share")
    assert {row[name] for name in names} == {None}


def test_rfm_ties_share_a_score(found) -> None:
    """Three buyers: 1, 3 and 5. c2 and c3 both bought on one day: mid-rank 1.5 gives both 2."""
    assert {name: found[name]["rfm_score"] for name in ("c1", "c2", "c3")} == {
        "c1": "555",  # today; three days; 39
        "c2": "323",  # yesterday; one day; 26.50
        "c3": "121",  # a week ago; one day; 7
    }
    assert [found[name]["rfm_segment"] for name in ("c1", "c2", "c3")] == [
        "Champions",
        "Need Attention",
        "Lost",
    ]


def test_no_status_may_mean_returned() -> None:
    """Orders 1 and 2 are of customer 1; 3, of customer 2, has no status."""
    rows = {"customer_number": [1, 1, 2], "status": ["paid", "open", None], "items": [1, 2, 3]}
    sizes = ibis.memtable(pd.DataFrame({**rows, "amount": [10.0, 5.0, 2.0]}))
    params = SimpleNamespace(orders=OrderParams(returned_statuses=(), pending_statuses=("open",)))
    first, second = order_habits(sizes, params).order_by("customer_number").to_pyarrow().to_pylist()
    assert (first["returned_order_share"], first["pending_order_share"]) == (0, 0.5)
    assert second["returned_order_share"] is None


def test_items_are_summed_before_orders(found) -> None:
    row = found["c1"]  # o1: one item, 10; o2: three items, no amount of its own, so 8 + 5.50 + 5.50
    assert (row["order_count"], row["items_per_order"], row["average_order_value"]) == (2, 2, 14.5)
    assert (row["returned_order_share"], row["pending_order_share"]) == (0.5, 0)
    assert found["c2"]["returned_order_share"] is None  # its only order has no status


def test_days_between_purchases(found) -> None:
    row = found["c1"]  # days 0, 10 and 30: gaps of 10 and 20
    assert (row["interpurchase_mean_days"], row["interpurchase_std_days"]) == (15, pytest.approx(sqrt(50)))
    assert (found["c2"]["interpurchase_mean_days"], found["c2"]["interpurchase_std_days"]) == (None, None)


def test_tastes_are_of_merchandise(found) -> None:
    assert found["c3"]["top_product_type"] == "bread"  # row 10 is no merchandise, and air comes before bread
    assert found["c1"]["product_type_entropy"] == found["c3"]["product_type_entropy"] == 0
    # Mean prices: 001 costs 9.50, 002 costs 5.50; 003 was free and has none. Percentiles 3/4 and 1/4.
    assert found["c1"]["price_percentile_mean"] == pytest.approx((3 * 0.75 + 2 * 0.25) / 5)
    assert found["c3"]["price_percentile_mean"] is None
    assert (found["c3"]["free_share"], found["c1"]["discount_share"]) == (0.5, None)


def test_entropy_is_of_lines() -> None:
    kinds = [("c1", 1, 3), ("c1", 2, 2), ("c2", 1, 7)]
    counted = ibis.memtable(pd.DataFrame(kinds, columns=["customer_number", "number", "lines"]))
    found = _entropy(_summed(counted)).order_by("customer_number").to_pandas().product_type_entropy
    assert [*found] == [pytest.approx(-(3 / 5 * log(3 / 5) + 2 / 5 * log(2 / 5)), rel=1e-12), 0]


def test_an_order_is_worth_its_items_where_all_of_them_have_a_value() -> None:
    """Of the second one item has none; the third has an amount of its own, the fourth no items."""
    amounts = {"o1": None, "o2": None, "o3": 7.0, "o4": None}
    orders = ibis.memtable(pd.DataFrame({"order_id": [*amounts], "total_amount": [*amounts.values()]}))
    values = [("o1", 2.0), ("o1", 3.0), ("o2", 2.0), ("o2", None), ("o3", 1.0)]
    items = ibis.memtable(pd.DataFrame(values, columns=["order_id", "line_total"]))
    found = order_sizes(
        orders.mutate(customer_number=ibis.literal(0), payment_status=ibis.null("string")),
        items.mutate(line_total=items.line_total.cast(MONEY)),
    )
    told = found.select("items", "amount").to_pyarrow().to_pylist()
    assert sorted(((row["items"], row["amount"]) for row in told), key=str) == [
        (1, 7),
        (2, 5),
        (2, None),
        (None, None),
    ]


def test_a_small_young_shop(data: Data, shop: Shop) -> None:
    """One customer with one purchase, in a shop of one day without orders: what is unknown is null."""
    shop.lines, shop.customers = shop.lines[:1], shop.customers[:1]
    run(data, shop.write())
    row = rows(data)["c1"]
    assert (row["rfm_score"], row["segment"], row["transaction_count_365d"]) == ("333", 1, 1)
    names = (
        "order_count",
        "average_order_value",
        "online_share",
        "store_count",
        "top_store",
        "top_colour_group",
    )
    names += ("campaigns_received", "views_30d", "cart_abandonment_30d", "wishlist_size", "postal_code_hash")
    names += ("interpurchase_mean_days", "interpurchase_std_days", "p_alive", "expected_purchase_value")
    assert {row[name] for name in names} == {None}
    card = data.released("customers").read("card")
    assert card["orders"].startswith("not known")
    assert (card["history_days"], card["windows_longer_than_history"]) == (1, ["30d", "90d", "180d", "365d"])
    assert data.runs()[0]["checks"]["bought_once"] == 1


def test_too_few_for_segments_and_value_is_said(release, found) -> None:
    assert {row["segment"] for name, row in found.items() if name < "c4"} == {1}
    card = release.read("card")
    assert card["segments"]["fallback"] == "3 buyers (3 distinct); 30 are needed for a choice"
    assert card["value"]["bg_nbd"]["reason"] == "1 customers came back, fewer than min_repeat_customers 50"
    value = by_key(release.read("value"))
    assert (value["c1"]["repeat_count"], value["c1"]["recency_at_days"], value["c1"]["observed_days"]) == (
        2,
        30,
        30,
    )
    assert value["c1"]["repeat_value"] == 14.5  # 10 on the second day, 19 on the third
    assert (value["c2"]["repeat_count"], value["c2"]["repeat_value"], value["c2"]["fit_ok"]) == (
        0,
        None,
        False,
    )


def test_nobody_bought(data: Data, shop: Shop) -> None:
    shop.put("transactions", table(shop.lines).slice(0, 0))
    run(data, shop)
    assert {row["rfm_score"] for row in rows(data).values()} == {None}
    assert rows(data, "segment_profiles") == {}


def test_later_rows_change_no_byte(data: Data, full: Shop) -> None:
    """Purchases after the as-of, of customers and by who never bought before, and an order that has changed
    since: the same release."""
    orders = [{**order, "updated_at": order["order_date"]} for order in ORDERS]
    full.put("orders", table(orders, updated_at=pa.timestamp("us")))
    run(data, full, as_of="2020-01-31", run_id="before")
    since = {"updated_at": T(2020, 2, 5), "payment_status": "returned", "total_amount": 99.0}
    full.put("orders", table([{**orders[0], **since}, *orders[1:]], updated_at=pa.timestamp("us")))
    late = {"article_id": "002", "t_dat": D(2020, 2, 9), "price": 3.0}
    full.lines += [{**late, "customer_id": customer} for customer in ("c1", "c4", "c6")]
    full.write()
    run(data, full, as_of="2020-01-31", run_id="after")
    first, second = (
        {
            name: entry.sha256
            for name, entry in data.released("customers", version=v).manifest.artefacts.items()
        }
        for v in ("before", "after")
    )
    assert first == second
    assert len(first) == 8
    assert rows(data)["c1"]["average_order_value"] == 10


def test_the_pictures_are_plotly_figures(release) -> None:
    import plotly.graph_objects as go

    heat = go.Figure(release.read("rfm_heatmap"))  # refuses what Plotly does not know
    assert sum(map(sum, heat.data[0].z)) == 3
    assert "Champions" in heat.data[0].text[4][4]
    assert go.Figure(release.read("segment_picture")).data[0].y == ("segment 1 (3; 100%)",)
    assert json.dumps(release.read("rfm_heatmap"))


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("age", 200, "age_range"),
        ("tenure_days", -1, "dated_before_as_of"),
        ("recency_days", -1, "known_before_as_of"),
        ("age_band", None, "nothing_null"),
        ("spent_90d", Decimal(1000), "spent_nested"),
        ("net_spent_30d", Decimal(1000), "net_at_most_spent"),
        ("frequency", 9, "frequency_is_days"),
        ("active_days_lifetime", 99, "days_at_most_lines"),
        ("segment", None, "frequency_together"),
        ("r_score", 6, "r_score_range"),
        ("rfm_segment", "Nobody", "known_segment"),
        ("free_share", 1.5, "free_share_range"),
        ("p_alive", 0.5, "p_alive_needs_repeat"),
    ],
)
def test_every_rule_can_be_broken(release, column: str, value: Any, rule: str) -> None:
    table = release.read()
    broken = table.mutate(**{column: ibis.literal(value).cast(CUSTOMERS.schema[column])})
    found, was = (
        tables.measure(rows, CUSTOMERS).to_pyarrow().to_pylist()[0][f"broken.{rule}"]
        for rows in (broken, table)
    )
    assert found > 0 and was == 0


def test_a_broken_rule_stops_the_release(data: Data, full: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table whose segments know another buyer than the rest is not released."""
    whole = segments.profiles
    short = slice(0, 2)
    monkeypatch.setattr(
        segments, "profiles", lambda b, s, p, scale: whole(b[short], s[short], p[short], scale)
    )
    with pytest.raises(ContractError, match="customers of segment_profiles: expected 3, came 2"):
        run(data, full)
