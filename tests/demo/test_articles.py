"""The released articles of the demo shop against pandas over the package's own tables."""

import hashlib
import re

import numpy as np
import pandas as pd
import pytest

from tests.conftest import Data
from tests.demo import oracle

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bought() -> pd.DataFrame:
    """Purchases with what a unit cost; gasoline's quantity is no count, so it has no unit price."""
    lines = oracle.lines()
    fuel = (lines.department == "FUEL") | lines.product_type.fillna("").str.startswith("GASOLINE")
    counted = ~fuel
    regular = lines.sales_value + lines.retail_disc + lines.coupon_match_disc
    return lines.assign(
        units=np.where(counted, lines.quantity, 1),
        price=np.where(counted, lines.sales_value / lines.quantity, np.nan),
        regular=np.where(counted, regular / lines.quantity, np.nan),
    )


@pytest.fixture(scope="module")
def released(demo: Data, monkeypatch_module: pytest.MonkeyPatch) -> pd.DataFrame:
    monkeypatch_module.setenv("ML_ETL_DATA", str(demo.folder))
    table = demo.released(env=None, dataset="articles").read().to_pandas()
    money = ["price", "price_last", "price_min", "price_max", "price_mean", "price_regular"]
    return table.set_index("article_id").astype(dict.fromkeys(money, float)).sort_index()


def test_every_article_is_there_once(released: pd.DataFrame) -> None:
    known = set(oracle.raw("products").product_id.astype(str)) | set(
        oracle.raw("transactions").query("quantity != 0").product_id.astype(str)
    )
    assert released.index.is_unique
    missing = known - set(released.index)
    assert not missing


def test_prices(released: pd.DataFrame, bought: pd.DataFrame) -> None:
    priced = bought[bought.price.notna() & (bought.sales_value != 0)]
    by_article = priced.groupby("article_id").price
    last = priced[priced.day == priced.groupby("article_id").day.transform("max")]
    told = bought[bought.regular.notna() & (bought.sales_value != 0)]
    told = told[told.day == told.groupby("article_id").day.transform("max")]
    expected = pd.DataFrame(
        {
            "price_last": last.groupby("article_id").price.mean(),
            "price_min": by_article.min(),
            "price_max": by_article.max(),
            "price_mean": by_article.mean(),
            "price_regular": told.groupby("article_id").regular.max(),
        }
    ).reindex(released.index)
    for name in expected:
        np.testing.assert_allclose(released[name], expected[name], rtol=1e-9, atol=1e-11, err_msg=name)
    depth = (1 - expected.price_last / expected.price_regular).clip(lower=0)
    np.testing.assert_allclose(released.discount_depth, depth, rtol=1e-9, atol=1e-9)


def test_sales(released: pd.DataFrame, bought: pd.DataFrame) -> None:
    for days in (7, 14, 30):
        within = bought[bought.age < days].groupby("article_id")
        expected = {
            f"sales_lines_{days}d": within.size(),
            f"sales_units_{days}d": within.units.sum(),
            f"sales_buyers_{days}d": within.customer_id.nunique(),
        }
        for name, values in expected.items():
            assert (released[name] == values.reindex(released.index).fillna(0)).all(), name
    days_sold = bought.groupby("article_id").day.agg(["min", "max"]).reindex(released.index)
    assert (pd.to_datetime(released.first_sold).dropna() == days_sold["min"].dropna()).all()
    assert (pd.to_datetime(released.last_sold).dropna() == days_sold["max"].dropna()).all()


def test_places_within_the_type(released: pd.DataFrame) -> None:
    priced = released[released.price.notna() & released.product_type_name.notna()]
    by_type = priced.groupby("product_type_name").price
    percentile = (by_type.rank(method="average") - 0.5) / by_type.transform("size")
    np.testing.assert_allclose(priced.price_percentile, percentile, rtol=1e-12)
    apart = (priced.price - by_type.transform("median")).abs()
    mad = apart.groupby(priced.product_type_name).transform("median")
    robust = (priced.price - by_type.transform("median")) / (1.4826 * mad).replace(0, np.nan)
    np.testing.assert_allclose(priced.price_robust_z, robust, rtol=1e-9, atol=1e-9)
    selling = released[(released.sales_units_30d > 0) & released.product_type_name.notna()]
    ordered = selling.sort_index().sort_values("sales_units_30d", ascending=False, kind="stable")
    rank = ordered.groupby("product_type_name").cumcount() + 1
    assert (selling.sales_rank_30d == rank.reindex(selling.index)).all()
    assert released.drop(selling.index).sales_rank_30d.isna().all()


def test_texts_hold_what_the_package_tells(released: pd.DataFrame) -> None:
    products = oracle.raw("products").set_index(oracle.raw("products").product_id.astype(str))
    for article in released.sample(200, random_state=5).index.intersection(products.index):
        row = products.loc[article]
        parts = dict.fromkeys(
            re.sub(r"[.\s]+$", "", part.strip())
            for part in (row.product_type, row.product_category, row.department, row.brand, row.package_size)
            if isinstance(part, str) and part.strip()
        )
        text = ". ".join(parts) + "."
        assert released.text[article] == text
        assert released.content_hash[article] == hashlib.sha256(f"{text}\n".encode()).hexdigest()
