"""Interactions of a shop small enough to check by eye (rows are numbered in tests/shops.py)."""

import datetime as dt
import logging
import random
from decimal import Decimal
from typing import Any

import pyarrow.parquet as pq
import pytest

from ml_etl.errors import ContractError, UsageError
from tests.conftest import Data
from tests.shops import Shop


@pytest.fixture
def pairs(data: Data, shop: Shop) -> dict[tuple[str, str], dict[str, Any]]:
    data.run("interactions", env="files", **shop.params)
    rows = data.released().read().to_pyarrow().to_pylist()
    return {(row["customer_id"], row["article_id"]): row for row in rows}


def test_one_row_per_pair(pairs) -> None:
    assert [*pairs] == [
        ("c1", "001"),
        ("c1", "002"),
        ("c2", "001"),
        ("c2", "002"),
        ("c3", "003"),
        ("c3", "004"),
    ]


def test_counts_and_money(pairs) -> None:
    first = pairs["c1", "001"]  # rows 1, 2, 3
    assert (first["purchase_count"], first["unit_count"], first["total_spent"]) == (3, 3, Decimal(28))
    equal = pairs["c1", "002"]  # rows 4 and 5 are equal: two purchases
    assert (equal["purchase_count"], equal["total_spent"]) == (2, Decimal(11))
    returned = pairs["c2", "002"]  # row 6 bought three, row 8 returned one
    assert (returned["purchase_count"], returned["unit_count"]) == (1, 3)
    assert (returned["total_spent"], returned["net_spent"]) == (Decimal("16.5"), Decimal(11))


def test_free_purchases_stay_out_of_prices(pairs) -> None:
    free = pairs["c3", "003"]  # row 9
    assert (free["free_count"], free["mean_price"], free["total_spent"]) == (1, None, Decimal(0))
    assert pairs["c1", "001"]["mean_price"] == pytest.approx(28 / 3)


def test_dates_and_replenishment(pairs) -> None:
    """c1 bought 001 on days 0, 10 and 30: every 15 days on average; the last one is today, due in 15."""
    row = pairs["c1", "001"]
    assert (row["first_purchase_date"], row["last_purchase_date"]) == (
        dt.date(2020, 1, 1),
        dt.date(2020, 1, 31),
    )
    assert (row["recency_days"], row["is_repurchase"]) == (0, True)
    assert (row["mean_gap_days"], row["days_until_due"]) == (15, 15)
    once = pairs["c3", "004"]
    assert (once["is_repurchase"], once["mean_gap_days"], once["days_until_due"]) == (False, None, None)
    twice_a_day = pairs["c1", "002"]  # two lines of one day are no repurchase
    assert (twice_a_day["is_repurchase"], twice_a_day["mean_gap_days"]) == (False, None)


def test_decays_sum_over_single_purchases(pairs) -> None:
    ages = (30, 20, 0)  # rows 1, 2, 3
    row = pairs["c1", "001"]
    assert row["score_half_life_30"] == pytest.approx(sum(2 ** (-age / 30) for age in ages), rel=1e-14)
    assert row["score_reciprocal"] == pytest.approx(sum(1 / (age + 1) for age in ages), rel=1e-14)
    assert row["score_hyperbolic"] == 3
    assert row["score"] == row["score_half_life_90"]


def test_trend_follows_the_articles_sales(pairs) -> None:
    """001 sold two lines in the last 7 days (rows 3 and 7), one each in the blocks of rows 1 and 2."""
    from math import exp

    latest = 2  # rows 3 and 7
    expected = exp(-30 / 30) * latest / 1 + exp(-20 / 30) * latest / 1 + exp(0) * latest / latest
    assert pairs["c1", "001"]["score_trend"] == pytest.approx(expected, rel=1e-14)


def test_one_channel_and_no_events_are_null_not_zero(pairs) -> None:
    row = pairs["c1", "001"]
    unknown = ("online_share", "view_count", "click_count", "wishlist_count", "cart_count", "last_event_at")
    assert {row[name] for name in unknown} == {None}
    assert row["discount_share"] is None  # the shop has no regular prices
    assert row["simulated"] is None


def test_matrix_index_and_splits(data: Data, pairs) -> None:
    release = data.released()
    customers = release.read("customer_index").to_pyarrow().to_pylist()
    assert [(r["index"], r["customer_id"]) for r in customers] == [(0, "c1"), (1, "c3"), (2, "c2")]  # by day
    articles = release.read("article_index").to_pyarrow().to_pylist()
    assert [r["article_id"] for r in articles] == ["001", "003", "004", "002"]
    assert release.read("matrix").toarray().tolist() == [[3, 0, 0, 2], [0, 1, 1, 0], [1, 0, 0, 1]]
    splits = release.read("splits").to_pyarrow().to_pylist()
    found = {(r["customer_id"], r["article_id"], r["t_dat"].day): r["split"] for r in splits}
    assert found["c1", "001", 1] == "validation"  # test: the last 28 days, from 2020-01-04
    assert found["c1", "001", 11] == "test"


def test_popularity_is_of_merchandise_by_band(data: Data, pairs) -> None:
    rows = data.released().read("popularity").to_pyarrow().to_pylist()
    found = {(r["article_id"], r["age_band"]): (r["buyers_1w"], r["lines_1w"], r["rank_1w"]) for r in rows}
    assert found["001", "ALL"] == (2, 2, 1)  # ties of two buyers: by id
    assert found["002", "ALL"] == (2, 3, 2)
    assert found["002", "19-24"] == (1, 2, 2)  # c1 is 20
    assert found["002", "UNKNOWN"] == (1, 1, 2)  # c2's 200 years are no age
    assert not [key for key in found if key[0] == "004"]


def test_a_band_that_the_shop_calls_all_is_not_everyone(data: Data, shop: Shop) -> None:
    """c3 bought 003, by line 9, and nobody else did."""
    for customer, band in zip(shop.customers, ("19-24", "25-34", "ALL"), strict=True):
        customer["age_band"] = band
    data.run("interactions", env="files", **shop.write().params)
    rows = data.released().read("popularity").to_pyarrow().to_pylist()
    found = sorted((r["article_id"], r["age_band"], r["buyers_1w"], r["lines_1w"]) for r in rows)
    assert [row for row in found if row[0] == "003"] == [("003", "ALL", 1, 1), ("003", "UNKNOWN", 1, 1)]
    assert [row for row in found if row[1] == "ALL"] == [
        ("001", "ALL", 2, 2),
        ("002", "ALL", 2, 3),  # line 8 is a return
        ("003", "ALL", 1, 1),
    ]


@pytest.mark.parametrize(("recent", "older"), [("001", "002"), ("002", "001")])
def test_equal_decayed_sums_rank_by_id(data: Data, shop: Shop, recent: str, older: str) -> None:
    """One line at age 0 weighs what two weigh at age 14, the half-life: a tie, whichever article is which."""
    new, old = dt.date(2020, 1, 31), dt.date(2020, 1, 17)
    bought = [("c1", recent, new), ("c2", older, old), ("c3", older, old)]
    shop.lines = [{"customer_id": c, "article_id": a, "t_dat": d, "price": 1.0} for c, a, d in bought]
    data.run("interactions", env="files", **shop.write().params)
    rows = data.released().read("popularity").to_pyarrow().to_pylist()
    ranks = {row["article_id"]: row["rank_decayed"] for row in rows if row["age_band"] == "ALL"}
    assert ranks == {"001": 1, "002": 2}


@pytest.mark.parametrize("lines_per_block", [1, 4])
def test_blocks_of_customers_give_the_same_rows(data: Data, shop: Shop, pairs, lines_per_block: int) -> None:
    whole = data.released()
    data.run("interactions", env="files", interactions={"lines_per_block": lines_per_block}, **shop.params)
    blocked = data.released()
    assert blocked.version != whole.version
    assert blocked.read().to_pyarrow().to_pylist() == list(pairs.values())
    assert blocked.path("interactions_csv").read_bytes() == whole.path("interactions_csv").read_bytes()
    files = sorted(blocked.path().iterdir())
    owners = [{row["customer_id"] for row in pq.read_table(file).to_pylist()} for file in files]
    assert sum(map(len, owners)) == len(set.union(*owners)) == 3  # nobody is in two files
    assert len(files) == {1: 3, 4: 2}[lines_per_block]


def test_an_attempt_with_fewer_blocks_leaves_no_file_behind(data: Data, shop: Shop) -> None:
    """The same run, tried again with other blocks after it failed, keeps nothing of the first try."""
    wrong = {"lines_per_block": 1, "min_share_of_previous": 0.5}
    with pytest.MonkeyPatch.context() as patch, pytest.raises(ContractError):
        patch.setattr("ml_etl.pipelines.interactions.release._agree", _refuse)
        data.run("interactions", env="files", run_id="again", interactions=wrong, **shop.params)
    data.run("interactions", env="files", run_id="again", **shop.params)
    assert data.released().path().is_file()
    assert not list(data.released().path().parent.rglob("part-*"))


def _refuse(*_: Any) -> None:
    raise ContractError("as a broken rule would")


def test_order_of_rows_changes_no_byte(data: Data, shop: Shop, pairs) -> None:
    first = data.released().manifest.artefacts
    random.Random(3).shuffle(shop.lines)
    shop.write()
    other = Data(data.folder / "other")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ML_ETL_DATA", str(other.folder))
        other.run("interactions", env="files", **shop.params)
        second = other.released().manifest.artefacts
    assert {n: e.sha256 for n, e in first.items()} == {n: e.sha256 for n, e in second.items()}


def test_a_large_csv_is_left_out_and_it_is_said(
    data: Data, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("ml_etl.store").addHandler(caplog.handler)  # a run configures the root's anew
    data.run("interactions", env="files", csv_max_rows=5, **shop.params)
    entry = data.released().manifest.artefacts["interactions_csv"]
    assert entry.absent == "6 rows, more than the 5 of max_rows"
    assert "interactions_csv left out: 6 rows" in caplog.text
    with pytest.raises(UsageError, match="interactions_csv is absent: 6 rows"):
        data.released().path("interactions_csv")


def test_no_transactions_release_zero_rows(data: Data, shop: Shop) -> None:
    from tests.shops import table

    shop.put("transactions", table(shop.lines).slice(0, 0))
    data.run("interactions", env="files", **shop.params)
    assert data.released().manifest.rows == 0
    assert data.released().read("matrix").shape == (0, 0)
    assert data.runs()[0]["status"] == "success"
