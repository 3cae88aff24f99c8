"""The same outputs in pandas: `python pandas_baseline.py TASK.json`.

Ids are categories, sorted, so that grouping works on codes and its result is in order. Money is double,
rounded to the twelve places its decimals have.
"""

import json
import math
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pandas_timeseries as timeseries
import pyarrow.parquet as pq
from pandas_also_bought import also_bought
from pandas_articles import articles, changes
from pandas_customers import customers
from pandas_days import local_day
from pandas_interactions import PAIR, interactions
from pandas_simulated import banded, simulated_purchases

WEEKS = (1, 4, 8)


def main(task: dict) -> dict:
    """Seconds per output, and what was given up, with the reason."""
    programs = {
        "interactions": build_interactions,
        "articles": build_articles,
        "customers": build_customers,
        "timeseries": build_timeseries,
    }
    clock = Clock(Path(task["out"]))
    programs[task["dataset"]](task, clock)
    return {"seconds": clock.seconds, "skipped": clock.skipped}


class Clock:
    """Makes outputs, writes them, and keeps how long each took."""

    def __init__(self, out: Path):
        self._out = out
        self.seconds: dict[str, float] = {}
        self.skipped: dict[str, str] = {}

    def timed(self, name: str, make: Callable[..., pd.DataFrame], *arguments: Any) -> pd.DataFrame:
        began = time.perf_counter()
        table = make(*arguments)
        if name == "csv":
            table.to_csv(self._out / "interactions_csv.csv", index=False)
        elif name != "purchases":
            table.to_parquet(self._out / f"{name}.parquet", compression="zstd", index=False)
        self.seconds[name] = time.perf_counter() - began
        return table


def build_interactions(task: dict, clock: Clock) -> None:
    day = pd.Timestamp(task["as_of"])
    lines = clock.timed("purchases", purchases, task["landed"], day)
    pairs = clock.timed("interactions", interactions, lines)
    if task["csv"]:
        clock.timed("csv", pd.DataFrame, pairs)
    customers = clock.timed("customer_index", index_of, pairs, "customer_id")
    articles = clock.timed("article_index", index_of, pairs, "article_id")
    del pairs
    clock.timed("splits", splits, lines, customers, articles, day)
    clock.timed("popularity", popularity, lines, banded(pd.read_parquet(task["landed"]["customers"])))
    try:
        clock.timed("also_bought", also_bought, lines)
    except TimeoutError as error:
        clock.skipped["also_bought"] = str(error)


def build_articles(task: dict, clock: Clock) -> None:
    lines = clock.timed("purchases", purchases, task["landed"], pd.Timestamp(task["as_of"]))
    table = clock.timed("articles", articles, lines, pd.read_parquet(task["landed"]["articles"]))
    clock.timed("changes", changes, table)


def build_customers(task: dict, clock: Clock) -> None:
    landed, day = task["landed"], pd.Timestamp(task["as_of"])
    lines = clock.timed("purchases", purchases, landed, day, ["sales_channel_id", "basket_id", "paid"])
    clock.timed("customers", customers, lines, landed, day)


def build_timeseries(task: dict, clock: Clock) -> None:
    day = pd.Timestamp(task["as_of"])
    articles = timeseries.catalogue(pd.read_parquet(task["landed"]["articles"]))
    lines = clock.timed("purchases", lambda: timeseries.sold(purchases(task["landed"], day), articles))
    promo = clock.timed("promo", timeseries.promo, task["landed"]["promo"], articles, day)
    days = clock.timed("timeseries", timeseries.daily, lines, promo, articles)
    del promo
    weeks = clock.timed("weekly", timeseries.weekly, lines, articles, day)
    del lines
    ranges = clock.timed("series", timeseries.series, days, articles, day)
    clock.timed("features", timeseries.features, days, ranges)
    clock.timed("trending", timeseries.trending, days, ranges, day)
    clock.timed("demand", timeseries.demand, weeks, ranges, day)


def purchases(
    landed: dict[str, list[str]], day: pd.Timestamp, unused: Sequence[str] = ("store_id",)
) -> pd.DataFrame:
    """Purchase lines and returns known before `day`, judged, with their age; without the `unused` columns."""
    if "timestamp" not in pq.read_schema(landed["transactions"][0]).names:
        return simulated_purchases(landed, day)
    articles = pd.read_parquet(landed["articles"], columns=["article_id", "is_merchandise"])
    customers = pd.read_parquet(landed["customers"], columns=["customer_id"])
    lines = pd.read_parquet(landed["transactions"]).drop(columns=list(unused))
    lines["t_dat"] = local_day(lines.pop("timestamp"))
    money = lines.columns.intersection(["price", "line_value", "paid", "regular_price"])
    lines[money] = lines[money].round(12)
    each = lines.pop("unit_of_measure").fillna("each") == "each"
    lines["units"] = lines["quantity"].where(each, 1)
    kept = (lines["t_dat"] < day) & (lines["quantity"] != 0) & lines["line_value"].notna()
    kept &= lines["customer_id"].isin(customers["customer_id"]) & ~(lines["price"] < 0)
    kept &= (lines["units"] < 0) | (lines["line_value"] >= 0)
    lines = lines[kept].drop(columns="quantity").merge(articles, on="article_id")
    lines["age"] = (day - lines["t_dat"]).dt.days - 1
    ids = lines.columns.intersection([*PAIR, "basket_id", "store_id"])
    return lines.astype(dict.fromkeys(ids, "category"))


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
