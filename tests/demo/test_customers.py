"""The released customers of the demo shop against pandas on the package's own tables, all households."""

import numpy as np
import pandas as pd
import pytest

from tests.conftest import Data
from tests.demo import oracle

pytestmark = pytest.mark.slow
WINDOWS = {"30d": 30, "90d": 90, "180d": 180, "365d": 365, "lifetime": 10_000}


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    bought = oracle.lines()
    fuel = (bought.department == "FUEL") | bought.product_type.str.startswith("GASOLINE", na=False)
    return bought.assign(
        units=np.where(fuel, 1, bought.quantity),
        price=np.where(fuel, np.nan, bought.sales_value / bought.quantity),
        regular=(bought.sales_value + bought.retail_disc + bought.coupon_match_disc) / bought.quantity,
    )


@pytest.fixture(scope="module")
def release(demo: Data, monkeypatch_module: pytest.MonkeyPatch):
    monkeypatch_module.setenv("ML_ETL_DATA", str(demo.folder))
    return demo.released("customers", env=None)


@pytest.fixture(scope="module")
def table(release) -> pd.DataFrame:
    return release.read().to_pandas().set_index("customer_id").sort_index()


def equal(found: pd.Series, expected: pd.Series) -> None:
    expected = expected.reindex(found.index)
    np.testing.assert_allclose(found.astype(float), expected.astype(float), rtol=1e-9, atol=1e-12)


def test_every_household_is_there(table: pd.DataFrame, lines: pd.DataFrame) -> None:
    assert set(table.index) == set(lines.customer_id)
    assert len(table) == 2_469


@pytest.mark.parametrize("window", WINDOWS)
def test_windows(table: pd.DataFrame, lines: pd.DataFrame, window: str) -> None:
    inside = lines[lines.age < WINDOWS[window]]
    grouped = inside.groupby("customer_id")
    expected = {
        "transaction_count": grouped.size(),
        "unit_count": grouped.units.sum(),
        "spent": grouped.sales_value.sum(),
        "net_spent": grouped.sales_value.sum(),  # the shop has no returns
        "distinct_articles": grouped.article_id.nunique(),
        "active_days": grouped.day.nunique(),
    }
    for measure, values in expected.items():
        equal(table[f"{measure}_{window}"], values.reindex(table.index).fillna(0))


def test_rfm_scores(table: pd.DataFrame, lines: pd.DataFrame) -> None:
    """pandas' own average ranks are mid-ranks."""
    grouped = lines.groupby("customer_id")
    value = {
        "r": -grouped.age.min(),
        "f": grouped.day.nunique(),
        "m": grouped.sales_value.sum().round(6),  # sums of doubles: equal amounts must be ties
    }
    equal(table.recency_days, -value["r"])
    equal(table.frequency, value["f"])
    equal(table.monetary, value["m"])
    for letter, values in value.items():
        share = (values.rank(method="average") - 0.5) / len(values)
        equal(table[f"{letter}_score"], 1 + np.floor(5 * share + 1e-12))
    assert (
        table.rfm_score == table[["r_score", "f_score", "m_score"]].astype(str).agg("".join, axis=1)
    ).all()


def test_rhythm(table: pd.DataFrame, lines: pd.DataFrame) -> None:
    days = lines[["customer_id", "day"]].drop_duplicates().sort_values(["customer_id", "day"])
    gaps = days.groupby("customer_id").day.diff().dt.days
    by_customer = gaps.groupby(days.customer_id)
    equal(table.interpurchase_mean_days, by_customer.mean())
    equal(table.interpurchase_std_days, by_customer.std())
    first = days.groupby("customer_id").day.min()
    assert (pd.to_datetime(table.known_from) == first.reindex(table.index)).all()
    equal(table.tenure_days, (oracle.LAST_DAY - first).dt.days)


def test_orders(table: pd.DataFrame, lines: pd.DataFrame) -> None:
    baskets = lines.groupby(["customer_id", "basket_id"]).agg(
        items=("day", "size"), amount=("sales_value", "sum")
    )
    by_customer = baskets.groupby("customer_id")
    equal(table.order_count, by_customer.size())
    equal(table.items_per_order, by_customer["items"].mean())
    equal(table.average_order_value, by_customer.amount.mean())
    assert table[["returned_order_share", "pending_order_share"]].isna().all(axis=None)


def test_shares_and_stores(table: pd.DataFrame, lines: pd.DataFrame) -> None:
    equal(table.free_share, (lines.sales_value == 0).groupby(lines.customer_id).mean())
    known = lines[lines.price.notna()]
    discounted = known.regular - known.price > 1e-9
    equal(table.discount_share, discounted.groupby(known.customer_id).mean())
    equal(table.store_count, lines.groupby("customer_id").store_id.nunique())
    assert table.online_share.isna().all()  # one channel


def test_tastes(table: pd.DataFrame, lines: pd.DataFrame) -> None:
    goods = lines[lines.merchandise]
    counts = goods.groupby(["customer_id", "product_type"]).size().rename("n").reset_index()
    best = counts.sort_values(["n", "product_type"], ascending=[False, True]).drop_duplicates("customer_id")
    expected = best.set_index("customer_id").product_type.reindex(table.index)
    assert (table.top_product_type.fillna("") == expected.fillna("")).all()
    shares = counts.n / counts.groupby("customer_id").n.transform("sum")
    entropy = (-shares * np.log(shares)).groupby(counts.customer_id).sum()
    np.testing.assert_allclose(
        table.product_type_entropy.fillna(-1), entropy.reindex(table.index).fillna(-1), rtol=1e-9, atol=1e-9
    )


def test_price_level(table: pd.DataFrame, lines: pd.DataFrame) -> None:
    priced = lines[lines.merchandise & lines.price.notna() & (lines.sales_value > 0)]
    means = priced.groupby(["product_type", "article_id"]).price.mean().round(9)
    kind = means.groupby("product_type")
    percentile = ((kind.rank(method="average") - 0.5) / kind.transform("size")).droplevel("product_type")
    level = priced.article_id.map(percentile).groupby(priced.customer_id).mean()
    equal(table.price_percentile_mean, level)


def test_value_does_not_fit_a_grocer(release, table: pd.DataFrame, lines: pd.DataFrame) -> None:
    """Hardly anybody leaves: the parameter of leaving runs to its bound, so nothing is claimed."""
    value = release.read("value").to_pandas().set_index("customer_id").sort_index()
    assert not value.fit_ok.any()
    assert value[["expected_purchases_30d", "expected_purchases_90d", "p_alive"]].isna().all(axis=None)
    assert table.p_alive.isna().all()
    assert release.read("card")["value"]["bg_nbd"]["reason"] == "b ran to a bound"
    first = lines.groupby("customer_id").day.transform("min")
    repeats = lines[lines.day > first].groupby("customer_id")
    equal(value.repeat_count, repeats.day.nunique().reindex(value.index).fillna(0))
    mean = repeats.sales_value.sum() / repeats.day.nunique()
    np.testing.assert_allclose(value.repeat_value.dropna(), mean.reindex(value.repeat_value.dropna().index))


def test_segments_are_whole_and_chosen_as_published(release, table: pd.DataFrame) -> None:
    centroids, profiles = release.read("segment_centroids"), release.read("segment_profiles").to_pandas()
    assert [row["k"] for row in centroids["tried"]] == [3, 4, 5, 6, 7, 8]
    best = max(row["stability"] for row in centroids["tried"])
    stable = [row for row in centroids["tried"] if row["stability"] >= best - 0.05]
    assert centroids["k"] == max(stable, key=lambda row: row["silhouette"])["k"] == len(profiles)
    sizes = table.segment.value_counts()
    assert {*zip(profiles.segment, profiles.customer_count, strict=True)} == {*sizes.items()}
    spent = table.monetary.astype(float).groupby(table.segment).mean()
    np.testing.assert_allclose(profiles.set_index("segment").monetary_mean, spent, rtol=1e-9)
    assert [*profiles.monetary_mean] == sorted(profiles.monetary_mean, reverse=True)
