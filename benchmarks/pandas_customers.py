"""The customers in pandas, for the demo shop's columns."""

import numpy as np
import pandas as pd
from pandas_days import local_day

WINDOWS = {"30d": 30, "90d": 90, "180d": 180, "365d": 365, "lifetime": np.inf}
_NULL = (
    *("age", "gender", "fashion_news_frequency", "FN", "active", "postal_code_hash", "returned_order_share"),
    *("pending_order_share", "top_colour_group", "online_share", "campaigns_received"),
    *("campaigns_redeemed", "views_30d", "carts_30d", "purchase_events_30d", "view_to_cart_30d"),
    *("cart_to_purchase_30d", "cart_abandonment_30d", "wishlist_size", "cart_size"),
)
_SEGMENTS = {
    "Champions": "[45][45][45]",
    "Loyal Customers": "[45][45][123]|3[45].|[345]3[45]",
    "Potential Loyalists": "[45]3[123]|[45]2.",
    "New Customers": "51.",
    "Promising": "41.",
    "Need Attention": "33[123]|32[345]",
    "About To Sleep": "32[12]|31.",
    "At Risk": "2[345].|13.|1[45][123]",
    "Can't Lose Them": "1[45][45]",
    "Hibernating": "2[12].|12[345]",
    "Lost": "12[12]|11.",
}


def customers(lines: pd.DataFrame, landed: dict[str, list[str]], day: pd.Timestamp) -> pd.DataFrame:
    """One row per customer with a line, sorted by id: windows, orders, rhythm, preferences, RFM."""
    known = pd.read_parquet(landed["customers"], columns=["customer_id", "age_band"])
    kinds = ["article_id", "product_type_name", "product_group_name"]
    articles = pd.read_parquet(landed["articles"], columns=kinds)
    bought = lines[lines["units"] > 0]
    first = lines.groupby("customer_id", observed=True)["t_dat"].min()
    table = pd.DataFrame({"known_from": first, "tenure_days": (day - first).dt.days - 1})
    table = table.join(known.set_index("customer_id")["age_band"].fillna("UNKNOWN"))
    table = table.join(_windows(lines, bought, table.index)).join(_orders(landed, articles, day))
    table["order_count"] = table["order_count"].fillna(0)
    days = bought[["customer_id", "t_dat", "age"]].drop_duplicates(["customer_id", "t_dat"])
    table = table.join(_rhythm(days)).join(_habits(bought)).join(_preferences(bought, articles))
    table["monetary"] = table["spent_lifetime"].where(table["frequency"].notna())
    _score(table)
    table = table.assign(club_member_status="ABSENT", **dict.fromkeys(_NULL))
    return table.rename_axis("customer_id").reset_index()


def _windows(lines: pd.DataFrame, bought: pd.DataFrame, index: pd.Index) -> pd.DataFrame:
    """Counts and sums per window; returns reduce `net_spent`."""
    back = lines[lines["units"] < 0]
    last = bought.groupby(["customer_id", "article_id"], observed=True)["age"].min().reset_index()
    days = bought[["customer_id", "t_dat", "age"]].drop_duplicates(["customer_id", "t_dat"])
    found = {}
    for window, length in WINDOWS.items():
        within = bought[bought["age"] < length].groupby("customer_id", observed=True)
        returned = back[back["age"] < length].groupby("customer_id", observed=True)["line_value"].sum().abs()
        spent = within["line_value"].sum()
        found |= {
            f"transaction_count_{window}": within.size(),
            f"unit_count_{window}": within["units"].sum(),
            f"spent_{window}": spent,
            f"net_spent_{window}": spent.sub(returned, fill_value=0),
            f"distinct_articles_{window}": last.loc[last["age"] < length, "customer_id"].value_counts(),
            f"active_days_{window}": days.loc[days["age"] < length, "customer_id"].value_counts(),
        }
    return pd.DataFrame({name: column.reindex(index) for name, column in found.items()}).fillna(0)


def _orders(landed: dict[str, list[str]], articles: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Orders known before `day`, their lines and amounts; an order's own total stands first."""
    columns = ["order_item_id", "order_id", "article_id", "line_total", "order_date"]
    items = pd.read_parquet(landed["order_items"], columns=columns)
    items = items[items["order_item_id"].notna() & items["article_id"].isin(articles["article_id"])]
    items = items[~(local_day(items["order_date"]) >= day)]
    sizes = items.groupby("order_id").agg(items=("order_item_id", "size"), value=("line_total", "sum"))
    orders = pd.read_parquet(landed["orders"])
    orders = orders[local_day(orders["order_date"]) < day].join(sizes, on="order_id")
    orders["amount"] = orders["total_amount"].fillna(orders["value"])
    by_customer = orders.groupby("customer_id")
    return pd.DataFrame(
        {
            "order_count": by_customer.size(),
            "items_per_order": by_customer["items"].mean(),
            "average_order_value": by_customer["amount"].mean(),
        }
    )


def _rhythm(days: pd.DataFrame) -> pd.DataFrame:
    """First and last purchase day, how many, and the days between them."""
    ordered = days.sort_values(["customer_id", "t_dat"])
    by_customer = ordered.groupby("customer_id", observed=True)
    ordered["gap"] = by_customer["t_dat"].diff().dt.days
    gaps = ordered.groupby("customer_id", observed=True)["gap"]
    return by_customer.agg(
        recency_days=("age", "min"),
        frequency=("age", "size"),
        first_purchase_date=("t_dat", "min"),
        last_purchase_date=("t_dat", "max"),
    ).assign(interpurchase_mean_days=gaps.mean(), interpurchase_std_days=gaps.std())


def _habits(bought: pd.DataFrame) -> pd.DataFrame:
    """Shares of the lines, and stores."""
    known = bought["regular_price"].notna() & bought["price"].notna()
    work = bought[["customer_id"]].assign(
        discount_share=(bought["regular_price"] > bought["price"]).astype("float64").where(known),
        free_share=bought["line_value"] == 0,
    )
    shares = work.groupby("customer_id", observed=True).mean()
    stores = bought.groupby(["customer_id", "store_id"], observed=True).size().rename("lines").reset_index()
    return shares.assign(
        store_count=stores.groupby("customer_id", observed=True).size(), top_store=_top(stores, "store_id")
    )


def _preferences(bought: pd.DataFrame, articles: pd.DataFrame) -> pd.DataFrame:
    """Top type and group, entropy over types, and the price level."""
    price = bought["price"].where((bought["line_value"] != 0) & bought["is_merchandise"])
    pairs = bought.assign(price=price).groupby(["customer_id", "article_id"], observed=True)
    pairs = pairs.agg(
        lines=("units", "size"), priced=("price", "count"), goods=("is_merchandise", "first")
    ).reset_index()
    pairs = pairs.merge(articles, on="article_id")
    mean = price.groupby(bought["article_id"], observed=True).mean().dropna().round(9).rename("mean")
    percentiles = articles.merge(mean.rename_axis("article_id").reset_index(), on="article_id")
    by_type = percentiles.groupby("product_type_name")["mean"]
    percentiles["percentile"] = (by_type.rank() - 0.5) / by_type.transform("count")
    pairs = pairs.merge(percentiles[["article_id", "percentile"]], on="article_id", how="left")
    goods = pairs[pairs["goods"]]
    types, groups = (
        goods.groupby(["customer_id", name], observed=True)["lines"].sum().reset_index()
        for name in ("product_type_name", "product_group_name")
    )
    levels = pairs[pairs["percentile"].notna()].assign(share=lambda t: t["percentile"] * t["priced"])
    levels = levels.groupby("customer_id")[["share", "priced"]].sum()
    return pd.DataFrame(
        {
            "top_product_type": _top(types, "product_type_name"),
            "top_product_group": _top(groups, "product_group_name"),
            "product_type_entropy": _entropy(types),
            "price_percentile_mean": levels["share"] / levels["priced"].replace(0, np.nan),
        }
    )


def _top(counted: pd.DataFrame, column: str) -> pd.Series:
    """Per customer the value with the most lines, ties by name; `counted` is sorted by it."""
    best = counted.sort_values("lines", ascending=False, kind="stable").drop_duplicates("customer_id")
    return best.set_index("customer_id")[column]


def _entropy(types: pd.DataFrame) -> pd.Series:
    n = types.groupby("customer_id", observed=True)["lines"].transform("sum")
    share = types["lines"] / n
    terms = -(share * np.log(share))
    return terms.groupby(types["customer_id"], observed=True).sum().clip(lower=0)


def _score(table: pd.DataFrame) -> None:
    """Add the scores and the segment's name, in place; null for who never bought."""
    buyers = table.loc[table["frequency"].notna(), ["recency_days", "frequency", "monetary"]]
    buyers = buyers.assign(recency_days=-buyers["recency_days"], monetary=buyers["monetary"].round(6))
    places = buyers.rank() - 0.5
    scores = (1 + np.floor(5 * places / len(buyers))).astype("int64")
    scores.columns = ["r_score", "f_score", "m_score"]
    text = scores.astype("str").sum(axis=1)
    table[list(scores)] = scores.astype("Int64")
    table["rfm_score"] = text
    table["rfm_segment"] = None
    for name, pattern in _SEGMENTS.items():
        table.loc[text.index[text.str.fullmatch(pattern)], "rfm_segment"] = name
