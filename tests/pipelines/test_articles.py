"""Articles of a shop small enough to check by eye (purchases are numbered in tests/shops.py)."""

import datetime as dt
import hashlib
from decimal import Decimal
from typing import Any

import pytest

from ml_etl.errors import ContractError
from tests.conftest import Data
from tests.shops import Shop, table

D = dt.date
Rows = dict[str, dict[str, Any]]


def build(data: Data, shop: Shop, **params: Any) -> Rows:
    data.run("articles", env="files", **shop.write().params, **params)
    rows = data.released(dataset="articles").read().to_pyarrow().to_pylist()
    return {row["article_id"]: row for row in rows}


def _days_ahead(days: int) -> str:
    """An as-of after now: attributes are those of the newest snapshot landed before it."""
    return (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=days)).isoformat()


def test_prices_of_what_was_sold(data: Data, shop: Shop) -> None:
    rows = build(data, shop)
    first = rows["001"]  # rows 1, 2, 7 at 10, then row 3 at 8 on the last day
    assert (first["price_last"], first["price_min"], first["price_max"]) == (8, 8, 10)
    assert (first["price_mean"], first["discount_vs_max"]) == (Decimal("9.5"), pytest.approx(0.2))
    assert first["price"] == 8  # no list price, no regular one
    free = rows["003"]  # only row 9, which was free
    assert {free[name] for name in ("price", "price_last", "price_min", "discount_vs_max")} == {None}
    assert (free["first_sold"], free["sales_lines_7d"]) == (D(2020, 1, 25), 1)


def test_list_and_regular_prices_go_before_paid_ones(data: Data, shop: Shop) -> None:
    shop.articles[1]["price"] = 6.0
    for line in shop.lines[:3]:
        line["regular_price"] = 12.0
    rows = build(data, shop)
    assert (rows["001"]["price"], rows["001"]["price_regular"]) == (12, 12)
    assert rows["001"]["discount_depth"] == pytest.approx(1 / 3)
    assert (rows["002"]["price"], rows["002"]["discount_depth"]) == (6, None)


def test_sales_by_window_and_place_within_the_type(data: Data, shop: Shop) -> None:
    for article, kind in zip(shop.articles, ("top", "top", "hat", None), strict=True):
        article["product_type_name"] = kind
    rows = build(data, shop)
    one, two = rows["001"], rows["002"]
    assert [one[f"sales_lines_{days}d"] for days in (7, 14, 30)] == [2, 2, 3]  # ages 30, 20, 0 and 1
    assert (two["sales_lines_7d"], two["sales_units_7d"], two["sales_buyers_7d"]) == (3, 5, 2)  # no returns
    assert (two["sales_rank_7d"], one["sales_rank_7d"]) == (1, 2)
    assert (two["sales_share_7d"], one["sales_share_7d"]) == (5 / 7, 2 / 7)
    assert (rows["004"]["sales_units_7d"], rows["004"]["sales_rank_7d"]) == (1, None)  # of no type
    assert (one["buyer_age_mean"], rows["003"]["buyer_age_mean"]) == (20, None)  # 200 years are no age
    assert (one["lifecycle_days"], rows["004"]["lifecycle_days"]) == (31, 1)
    assert one["online_share"] is None  # the shop tells no channel


def test_an_article_never_sold_is_there(data: Data, shop: Shop) -> None:
    shop.articles.append({"article_id": "005", "stock": 3.0, "created_at": dt.datetime(2020, 1, 5)})
    shop.articles.append({"article_id": "006", "created_at": dt.datetime(2020, 2, 1)})  # not known yet
    rows = build(data, shop)
    assert "006" not in rows
    never = rows["005"]
    assert (never["known_from"], never["first_sold"], never["lifecycle_days"]) == (D(2020, 1, 5), None, None)
    assert (never["sales_units_30d"], never["sales_rank_30d"], never["price"]) == (0, None, None)
    assert data.runs()[0]["checks"]["never_sold"] == 1


def test_an_article_sold_before_it_was_created_is_there(data: Data, shop: Shop) -> None:
    """A shop that moved house dates its articles by the day it did, or by a year that is to come."""
    moved = [dt.datetime(2020, 1, 30), dt.datetime(2020, 6, 1), None, dt.datetime(2999, 1, 1)]
    for article, created in zip(shop.articles, moved, strict=True):
        article["created_at"] = created
    shop.articles.append({"article_id": "005", "created_at": dt.datetime(2999, 1, 1)})
    rows = build(data, shop)
    assert {name: row["known_from"] for name, row in rows.items()} == {
        name: rows[name]["first_sold"] for name in ("001", "002", "003", "004")
    }
    assert data.runs()[0]["checks"]["tables"]["articles"]["note.created_later"] == 3


def test_normalisations_survive_constant_and_null_columns(data: Data, shop: Shop) -> None:
    prices = {"001": 5.0, "002": 5.0, "003": None, "004": 9.0}
    for article in shop.articles:
        article |= {"product_type_name": "top", "price": prices[article["article_id"]]}
    shop.lines = [line for line in shop.lines if line["n"] in (9,)]  # 003 was only ever free
    rows = build(data, shop)
    names = ("price_percentile", "price_minmax", "price_robust_z")
    assert [rows["001"][name] for name in names] == [pytest.approx(1 / 3), 0, None]  # MAD 0: 5, 5, 9
    assert [rows["004"][name] for name in names] == [pytest.approx(2.5 / 3), 1, None]
    assert {rows["003"][name] for name in names} == {None}
    shop.articles[3]["price"] = 5.0
    constant = build(data, shop, as_of=_days_ahead(1))
    assert [constant["004"][name] for name in names] == [0.5, None, None]
    assert {constant["004"][f"stock_{name.removeprefix('price_')}"] for name in names} == {None}


def test_robust_z_counts_in_spreads_from_the_median(data: Data, shop: Shop) -> None:
    for article, price in zip(shop.articles, (1.0, 2.0, 3.0, 10.0), strict=True):
        article |= {"product_type_name": "top", "price": price}
    rows = build(data, shop)
    spread = 1.4826 * 1.0  # deviations from 2.5: 1.5, 0.5, 0.5, 7.5
    assert rows["004"]["price_robust_z"] == pytest.approx((10 - 2.5) / spread)


def test_paths_follow_the_tree_to_any_depth(data: Data, shop: Shop) -> None:
    tree = [
        {"category_id": "w", "name": "Women", "parent_category_id": None},
        {"category_id": "d", "name": "Dresses", "parent_category_id": "w"},
        {"category_id": "m", "name": "Midi", "parent_category_id": "d"},
        {"category_id": "x", "name": "Lost", "parent_category_id": "gone"},
    ]
    shop.put("categories", table(tree))
    for article, category in zip(shop.articles, ("m", "x", None, "nowhere"), strict=True):
        article |= {"category_id": category, "product_type_name": "top"}
    rows = build(data, shop)
    assert (rows["001"]["category_path"], rows["001"]["category_depth"]) == ("Women / Dresses / Midi", 3)
    assert (rows["002"]["category_path"], rows["002"]["category_depth"]) == ("Lost", 1)
    assert (rows["003"]["category_path"], rows["003"]["category_depth"]) == ("top", 1)
    assert rows["004"]["category_path"] == "top"  # of a category nobody knows
    counts = data.runs()[0]["checks"]["tables"]["categories"]
    assert (counts["rows_in"], counts["note.missing_parent"]) == (4, 1)


def test_a_cycle_of_categories_stops_the_run(data: Data, shop: Shop) -> None:
    tree = [("a", "b"), ("b", "c"), ("c", "a")]
    shop.put("categories", table([{"category_id": c, "parent_category_id": p} for c, p in tree]))
    with pytest.raises(ContractError, match="a → c → b → a is a cycle"):
        build(data, shop)


def test_descriptions_are_filled_from_siblings_only(data: Data, shop: Shop) -> None:
    given = [("p", None), ("p", " "), ("p", "soft cotton. "), (None, None)]
    for article, (product, description) in zip(shop.articles, given, strict=True):
        article |= {"product_code": product, "detail_desc": description, "product_type_name": "Top"}
    rows = build(data, shop)
    told = {a: (r["detail_desc"], r["description_filled"], r["desc_length"]) for a, r in rows.items()}
    assert told["001"] == told["002"] == ("soft cotton. ", True, 13)
    assert told["003"] == ("soft cotton. ", False, 13)
    assert told["004"] == (None, False, 0)
    assert rows["001"]["text"] == "article 1. Top. soft cotton."
    assert rows["004"]["text"] == "article 4. Top."


@pytest.mark.usefixtures("in_a_week")
def test_changes_are_told_against_the_release_before(data: Data, shop: Shop) -> None:
    first = build(data, shop, as_of=_days_ahead(1))
    assert {row["change_type"] for row in first.values()} == {"new"}
    expected = hashlib.sha256(b"article 1.\n").hexdigest()
    assert first["001"]["content_hash"] == expected
    shop.articles[0]["prod_name"] = "another"
    del shop.articles[3]
    shop.articles.append({"article_id": "009", "prod_name": "article 9"})
    shop.lines = [line for line in shop.lines if line["article_id"] != "004"]
    second = build(data, shop, as_of=_days_ahead(2))
    kinds = {article: row["change_type"] for article, row in second.items()}
    assert kinds == {"001": "changed", "002": "unchanged", "003": "unchanged", "009": "new"}
    release = data.released(dataset="articles")
    listed = {r["article_id"]: r["change_type"] for r in release.read("changes").to_pyarrow().to_pylist()}
    assert listed == {"001": "changed", "004": "removed", "009": "new"}
    change = release.read("catalog_change")
    assert change["counts"] == {"new": 1, "changed": 1, "removed": 1, "unchanged": 2}
    assert change["catalog_changed"] is True  # three of four are more than 1 %
    quiet = build(data, shop, as_of=_days_ahead(3))
    assert {row["change_type"] for row in quiet.values()} == {"unchanged"}
    assert data.released(dataset="articles").read("catalog_change")["catalog_changed"] is False


def test_what_comes_after_the_as_of_changes_no_byte(data: Data, shop: Shop) -> None:
    build(data, shop, as_of="2020-01-26")
    first = data.released(dataset="articles").manifest
    shop.lines.append({"t_dat": D(2020, 1, 26), "customer_id": "c3", "article_id": "001", "price": 99.0})
    build(data, shop, as_of="2020-01-26")
    second = data.released(dataset="articles").manifest
    assert second.version != first.version
    assert {n: e.sha256 for n, e in first.artefacts.items()} == {
        n: e.sha256 for n, e in second.artefacts.items()
    }
