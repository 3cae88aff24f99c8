"""The dataset's main table in pandas: one row per customer and article."""

import math

import numpy as np
import pandas as pd

PAIR = ["customer_id", "article_id"]


def interactions(lines: pd.DataFrame) -> pd.DataFrame:
    """One row per customer and article, sorted."""
    bought = lines[lines["units"] > 0]
    work = bought[[*PAIR, "units", "line_value", "paid", "t_dat", "age", "is_merchandise"]].copy()
    work["priced"] = bought["price"].where(bought["line_value"] != 0)
    known = bought["regular_price"].notna() & bought["price"].notna()
    work["discounted"] = (bought["regular_price"] > bought["price"]).astype("float64").where(known)
    work["online"] = (
        (bought["sales_channel_id"] == 2).astype("float64").where(bought["sales_channel_id"].notna())
    )
    work["free"] = bought["line_value"] == 0
    for name, term in _terms(bought).items():
        work[name] = term
    table = _counted(work, list(_terms(bought.head(0))))
    table["net_spent"] = table["total_spent"] - _returned(lines, table)
    table["purchase_days"] = work.drop_duplicates([*PAIR, "t_dat"]).groupby(PAIR, observed=True).size()
    return _described(table.reset_index(), bought["sales_channel_id"].nunique())


def _terms(bought: pd.DataFrame) -> dict[str, pd.Series]:
    """What each line still counts, by score."""
    age = bought["age"]
    half_lives = {f"score_half_life_{days}": np.exp(age * (-math.log(2) / days)) for days in (7, 30, 90, 180)}
    exponential = np.exp(age * (-1 / 30))
    return {
        "score_exponential": exponential,
        **half_lives,
        "score_reciprocal": 1 / (age + 1),
        "score_trend": exponential * _quotient(bought),
    }


def _quotient(bought: pd.DataFrame) -> pd.Series:
    """The article's lines in the last 7 days over those in the 7 days of the line."""
    block = bought["age"] // 7
    sales = bought.groupby(["article_id", block], observed=True)["age"].transform("size")
    latest = bought.loc[block == 0, "article_id"].value_counts()
    return bought["article_id"].map(latest).astype("float64").fillna(0) / sales


def _counted(work: pd.DataFrame, scores: list[str]) -> pd.DataFrame:
    """What one grouping of the lines can tell."""
    table = work.groupby(PAIR, observed=True).agg(
        purchase_count=("units", "size"),
        unit_count=("units", "sum"),
        total_spent=("line_value", "sum"),
        total_paid=("paid", "sum"),
        mean_price=("priced", "mean"),
        first_purchase_date=("t_dat", "min"),
        last_purchase_date=("t_dat", "max"),
        recency_days=("age", "min"),
        online_share=("online", "mean"),
        discount_share=("discounted", "mean"),
        free_count=("free", "sum"),
        is_merchandise=("is_merchandise", "first"),
        **{name: (name, "sum") for name in scores},
    )
    table[["total_spent", "total_paid"]] = table[["total_spent", "total_paid"]].round(12)
    return table


def _returned(lines: pd.DataFrame, table: pd.DataFrame) -> np.ndarray:
    returns = lines.loc[lines["units"] < 0, [*PAIR, "line_value"]]
    value = returns.groupby(PAIR, observed=True, as_index=False)["line_value"].sum()
    found = table.index.to_frame(index=False).merge(value, on=PAIR, how="left")["line_value"]
    return found.abs().fillna(0).round(12).to_numpy()


def _described(table: pd.DataFrame, channels: int) -> pd.DataFrame:
    """The columns that follow from the sums, and those of events, which are not known."""
    gaps = (table.pop("purchase_days") - 1).astype("float64").replace(0, np.nan)
    span = (table["last_purchase_date"] - table["first_purchase_date"]).dt.days
    table["is_repurchase"] = gaps.notna()
    table["mean_gap_days"] = span / gaps
    table["days_until_due"] = table["mean_gap_days"] - table["recency_days"]
    if channels < 2:
        table["online_share"] = np.nan
    table["score_hyperbolic"] = table["purchase_count"] / (table["recency_days"] * 0.1 + 1)
    table["score"] = table["weight"] = table["score_half_life_90"]
    for signal in ("view", "click", "wishlist", "cart"):
        table[f"{signal}_count"] = np.nan
    return table.assign(last_event_at=pd.NaT, simulated=None)
