"""The articles in pandas, for the demo shop's columns."""

import hashlib

import numpy as np
import pandas as pd

DAYS = (7, 14, 30)
_PATH = ("index_group_name", "product_group_name", "product_type_name")
_TEXT = (
    "prod_name",
    "product_type_name",
    "product_group_name",
    "index_group_name",
    "section_name",
    "detail_desc",
)
_NULL = (
    *("product_code", "product_type_no", "graphical_appearance_no", "graphical_appearance_name"),
    *("colour_group_code", "colour_group_name", "perceived_colour_value_id", "perceived_colour_value_name"),
    *("perceived_colour_master_id", "perceived_colour_master_name", "department_no", "department_name"),
    *("index_code", "index_name", "index_group_no", "section_no", "garment_group_no", "garment_group_name"),
    *("stock", "category_id", "image_path", "created_at", "last_updated", "stock_percentile", "stock_minmax"),
    *("stock_robust_z", "online_share", "buyer_age_mean"),
)


def articles(lines: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """One row per article, sorted by id: texts, prices, sales, places within the product type."""
    bought = lines[lines["units"] > 0]
    table = known.drop(columns="landed_at", errors="ignore").set_index("article_id").sort_index()
    table = table.join(_prices(bought)).join(_sales(bought))
    table["price"] = table["price_regular"].fillna(table["price_last"])
    table = table.join(_place(table))
    _texts(table)
    table = table.assign(
        description_filled=False,
        has_image=False,
        known_from=table["first_sold"],
        lifecycle_days=(table["last_sold"] - table["first_sold"]).dt.days + 1,
        change_type="new",
        **dict.fromkeys(_NULL),
    )
    return table.reset_index()


def changes(table: pd.DataFrame) -> pd.DataFrame:
    """A first release: every article is new."""
    return table[["article_id", "change_type", "content_hash"]].assign(previous_hash=None)


def _prices(bought: pd.DataFrame) -> pd.DataFrame:
    priced = bought[bought["price"].notna() & (bought["line_value"] != 0)]
    by_article = priced.groupby("article_id", observed=True)
    last = priced[priced["t_dat"] == by_article["t_dat"].transform("max")]
    told = priced[priced["regular_price"].notna()]
    told = told[told["t_dat"] == told.groupby("article_id", observed=True)["t_dat"].transform("max")]
    found = pd.DataFrame(
        {
            "price_last": last.groupby("article_id", observed=True)["price"].mean().round(12),
            "price_min": by_article["price"].min(),
            "price_max": by_article["price"].max(),
            "price_mean": by_article["price"].mean().round(12),
            "price_regular": told.groupby("article_id", observed=True)["regular_price"].max(),
        }
    )
    for name, reference in (("discount_depth", "price_regular"), ("discount_vs_max", "price_max")):
        found[name] = (1 - found["price_last"] / found[reference].replace(0, np.nan)).clip(lower=0)
    found.index = found.index.astype("str")
    return found


def _sales(bought: pd.DataFrame) -> pd.DataFrame:
    days = bought.groupby("article_id", observed=True)["t_dat"].agg(first_sold="min", last_sold="max")
    for window in DAYS:
        within = bought[bought["age"] < window].groupby("article_id", observed=True)
        days[f"sales_lines_{window}d"] = within.size()
        days[f"sales_units_{window}d"] = within["units"].sum()
        days[f"sales_buyers_{window}d"] = within["customer_id"].nunique()
    days.index = days.index.astype("str")
    return days


def _place(table: pd.DataFrame) -> pd.DataFrame:
    kind, price = table["product_type_name"], table["price"].where(table["product_type_name"].notna())
    by_type = price.groupby(kind)
    low, high, median = (by_type.transform(name) for name in ("min", "max", "median"))
    mad = (price - median).abs().groupby(kind).transform("median")
    found = pd.DataFrame(
        {
            "price_percentile": (by_type.rank() - 0.5) / by_type.transform("count"),
            "price_minmax": (price - low) / (high - low).replace(0, np.nan),
            "price_robust_z": (price - median) / (1.4826 * mad).replace(0, np.nan),
        }
    )
    for window in DAYS:
        for measure in ("lines", "units", "buyers"):
            table[f"sales_{measure}_{window}d"] = (
                table[f"sales_{measure}_{window}d"].fillna(0).astype("int64")
            )
        units = table[f"sales_units_{window}d"]
        sells = (units > 0) & kind.notna()
        ordered = units[sells].sort_values(ascending=False, kind="stable")
        found[f"sales_rank_{window}d"] = ordered.groupby(kind).cumcount() + 1
        found[f"sales_share_{window}d"] = (units / units.groupby(kind).transform("sum"))[sells]
    return found


def _told(column: pd.Series) -> pd.Series:
    return column.str.strip().str.replace(r"[.\s]+$", "", regex=True)


def _texts(table: pd.DataFrame) -> None:
    """Add the path, the text and its hash, in place."""
    parts = table[list(_TEXT)].fillna("").astype("str").apply(_told)
    text = [
        " ".join(f"{part}." for part in dict.fromkeys(row) if part)
        for row in parts.itertuples(index=False, name=None)
    ]
    path = [[name for name in row if name] for row in table[list(_PATH)].fillna("").to_numpy()]
    table["text"] = text
    table["content_hash"] = [hashlib.sha256(f"{line}\n".encode()).hexdigest() for line in text]
    table["category_path"] = [" / ".join(names) or None for names in path]
    table["category_depth"] = pd.array([len(names) or None for names in path], dtype="Int64")
    table["desc_length"] = table["detail_desc"].str.len().fillna(0).astype("int64")
    table["has_description"] = table["detail_desc"].notna()
