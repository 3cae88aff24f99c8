"""The same outputs in pandas: `python pandas_baseline.py TASK.json`.

Ids are categories, sorted, so that grouping works on codes and its result is in order. Money is double,
rounded to the twelve places its decimals have.
"""

import json
import math
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from pandas_also_bought import also_bought

ZONE = "America/New_York"
PAIR = ["customer_id", "article_id"]
WEEKS = (1, 4, 8)


def main(task: dict) -> dict:
    """Seconds per output, and what was given up, with the reason."""
    out, day, seconds, skipped = Path(task["out"]), pd.Timestamp(task["as_of"]), {}, {}

    def timed(name: str, make, *arguments) -> pd.DataFrame:
        began = time.perf_counter()
        table = make(*arguments)
        if name == "csv":
            table.to_csv(out / "interactions_csv.csv", index=False)
        elif name != "purchases":
            table.to_parquet(out / f"{name}.parquet", compression="zstd", index=False)
        seconds[name] = time.perf_counter() - began
        return table

    lines = timed("purchases", purchases, task["landed"], day)
    pairs = timed("interactions", interactions, lines)
    if task["csv"]:
        timed("csv", lambda: pairs)
    customers = timed("customer_index", index_of, pairs, "customer_id")
    articles = timed("article_index", index_of, pairs, "article_id")
    del pairs
    timed("splits", splits, lines, customers, articles, day)
    timed("popularity", popularity, lines, pd.read_parquet(task["landed"]["customers"]))
    try:
        timed("also_bought", also_bought, lines)
    except TimeoutError as error:
        skipped["also_bought"] = str(error)
    return {"seconds": seconds, "skipped": skipped}


def purchases(landed: dict[str, list[str]], day: pd.Timestamp) -> pd.DataFrame:
    """Purchase lines and returns known before `day`, judged, with their age."""
    articles = pd.read_parquet(landed["articles"], columns=["article_id", "is_merchandise"])
    customers = pd.read_parquet(landed["customers"], columns=["customer_id"])
    lines = pd.read_parquet(landed["transactions"]).drop(columns="store_id")
    local = lines.pop("timestamp").dt.tz_localize("UTC").dt.tz_convert(ZONE)
    lines["t_dat"] = local.dt.tz_localize(None).dt.normalize()
    money = ["price", "line_value", "paid", "regular_price"]
    lines[money] = lines[money].round(12)
    each = lines.pop("unit_of_measure").fillna("each") == "each"
    lines["units"] = lines["quantity"].where(each, 1)
    kept = (lines["t_dat"] < day) & (lines["quantity"] != 0) & lines["line_value"].notna()
    kept &= lines["customer_id"].isin(customers["customer_id"]) & ~(lines["price"] < 0)
    kept &= (lines["units"] < 0) | (lines["line_value"] >= 0)
    lines = lines[kept].drop(columns="quantity").merge(articles, on="article_id")
    lines["age"] = (day - lines["t_dat"]).dt.days - 1
    return lines.astype(dict.fromkeys([*PAIR, "basket_id"], "category"))


def interactions(lines: pd.DataFrame) -> pd.DataFrame:
    """One row per customer and article, sorted."""
    bought = lines[lines["units"] > 0]
    work = bought[[*PAIR, "units", "line_value", "paid", "t_dat", "age", "is_merchandise"]].copy()
    work["priced"] = bought["price"].where(bought["line_value"] != 0)
    known = bought["regular_price"].notna() & bought["price"].notna()
    work["discounted"] = (bought["regular_price"] > bought["price"]).astype("float64").where(known)
    work["online"] = (bought["sales_channel_id"] == 2).astype("float64").where(
        bought["sales_channel_id"].notna()
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


def index_of(pairs: pd.DataFrame, key: str) -> pd.DataFrame:
    """Every id with its place in the matrix: by first purchase, then id."""
    first = pairs.groupby(key, observed=True)["first_purchase_date"].min().rename("first_seen")
    table = first.reset_index().sort_values(["first_seen", key], ignore_index=True)
    table.insert(0, "index", np.arange(len(table), dtype="int32"))
    return table


def splits(
    lines: pd.DataFrame, customers: pd.DataFrame, articles: pd.DataFrame, day: pd.Timestamp
) -> pd.DataFrame:
    """One row per customer, article and day, sorted: train, validation, test, and who is cold."""
    test_from = day - pd.Timedelta(days=28)
    validation_from = test_from - pd.Timedelta(days=28)
    bought = lines[lines["units"] > 0]
    table = bought.groupby([*PAIR, "t_dat"], observed=True).size().rename("purchase_count").reset_index()
    table["split"] = np.select(
        [table["t_dat"] < validation_from, table["t_dat"] < test_from], ["train", "validation"], "test"
    )
    for name, index in (("customer", customers), ("article", articles)):
        cold = index.set_index(f"{name}_id")["first_seen"] >= validation_from
        table[f"cold_{name}"] = table[f"{name}_id"].map(cold).astype("bool")
    return table


def popularity(lines: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """One row per article and age band sold within the longest window, sorted; merchandise only."""
    sold = lines[(lines["units"] > 0) & lines["is_merchandise"] & (lines["age"] < 7 * max(WEEKS))]
    sold = sold[[*PAIR, "age"]].astype({"customer_id": "str"}).merge(customers, on="customer_id")
    sold["age_band"] = sold["age_band"].fillna("UNKNOWN")
    both = pd.concat([sold, sold.assign(age_band="ALL")], ignore_index=True)
    both["age_band"] = both["age_band"].astype("category")
    grouped = ["age_band", "article_id"]
    both["decayed"] = np.exp(both["age"] * (-math.log(2) / 14))
    table = pd.DataFrame({"lines_decayed": both.groupby(grouped, observed=True)["decayed"].sum()})
    for week in WEEKS:
        window = both[both["age"] < 7 * week].groupby(grouped, observed=True)["customer_id"]
        table[f"buyers_{week}w"] = window.nunique()
        table[f"lines_{week}w"] = window.size()
    table = table.fillna(0).reset_index()
    for week in WEEKS:
        table[f"rank_{week}w"] = _rank(table, f"buyers_{week}w").where(table[f"buyers_{week}w"] > 0)
    return table.assign(rank_decayed=_rank(table, "lines_decayed"))


def _rank(table: pd.DataFrame, by: str) -> pd.Series:
    """Place by `by` within the age band; the table is sorted by id, so that ties go by id."""
    ordered = table.sort_values(by, ascending=False, kind="stable")
    return ordered.groupby("age_band", observed=True).cumcount() + 1


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text())
    (Path(given["out"]) / "result.json").write_text(json.dumps(main(given)))
