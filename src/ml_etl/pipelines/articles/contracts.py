"""The released tables: columns, keys and what must hold of each row."""

from collections.abc import Sequence

import ibis.expr.types as ir

from ml_etl.contracts import MONEY, SOURCE, Column, Contract, Rule

_COMPUTED = ("price", "detail_desc")
_MEASURES = (
    ("lines", "purchase lines", "lines"),
    ("units", "units sold", "units"),
    ("buyers", "distinct buyers", "customers"),
)


def _within(column: str, what: str) -> tuple[Column, ...]:
    return (
        Column(
            f"{column}_percentile",
            "float64",
            f"mid-rank of {what} within the product type; equal ones share it",
        ),
        Column(
            f"{column}_minmax", "float64", f"{what} from 0, the type's lowest, to 1; null where all are equal"
        ),
        Column(
            f"{column}_robust_z",
            "float64",
            f"({what} − median) / (1.4826 · MAD) of the type; null where half of its values are equal",
        ),
    )


def _sales(days: int) -> tuple[Column, ...]:
    counts = (
        Column(f"sales_{name}_{days}d", "int64", f"{meaning} in the last {days} days", unit)
        for name, meaning, unit in _MEASURES
    )
    return (
        *counts,
        Column(
            f"sales_rank_{days}d",
            "int64",
            "rank by those units within the product type, ties by id; null without a sale",
        ),
        Column(
            f"sales_share_{days}d",
            "float64",
            "share of the product type's units; null without a sale",
            "share",
        ),
    )


def _range(name: str, low: float, high: float) -> Rule:
    return Rule(
        f"{name}_range", f"{name} must lie in [{low}, {high}]", lambda t: (t[name] < low) | (t[name] > high)
    )


def articles_contract(days: Sequence[int] = (7, 14, 30)) -> Contract:
    """The main table for these windows of sales."""
    source = {
        c.name: Column(c.name, MONEY if c.name == "price" else c.type, c.meaning, c.unit)
        for c in SOURCE["articles"].columns
    }
    source["price"] = Column(
        "price", MONEY, "list price, else the last regular one, else price_last", "currency"
    )
    source["detail_desc"] = Column(
        "detail_desc", "string", "description; filled from a sibling where description_filled"
    )
    return Contract(
        "articles",
        "one row per article known before the as-of",
        (
            *source.values(),
            Column(
                "category_path",
                "string",
                "from the root to the leaf: the tree's, else the parameter's columns",
            ),
            Column("category_depth", "int64", "parts of category_path; the root is 1", "levels"),
            Column(
                "description_filled",
                "boolean",
                "the description is that of an article of the same product_code",
            ),
            Column("desc_length", "int64", "length of the description, 0 without one", "characters"),
            Column("has_description", "boolean", "there is one, filled or own"),
            Column("has_image", "boolean", "the shop names an image file"),
            Column("text", "string", "the one string that is embedded; empty where nothing is told"),
            Column(
                "price_last",
                MONEY,
                "mean unit price on the last day sold; null if never sold at a price",
                "currency",
            ),
            Column("price_min", MONEY, "lowest unit price paid", "currency"),
            Column("price_max", MONEY, "highest unit price paid", "currency"),
            Column("price_mean", MONEY, "mean unit price over the lines", "currency"),
            Column(
                "price_regular",
                MONEY,
                "undiscounted price on the last day that tells one; null where none does",
                "currency",
            ),
            Column("discount_depth", "float64", "1 − price_last / price_regular, at least 0", "share"),
            Column("discount_vs_max", "float64", "1 − price_last / price_max", "share"),
            *_within("price", "price"),
            *_within("stock", "stock"),
            *(column for window in days for column in _sales(window)),
            Column(
                "online_share", "float64", "lines bought online; null where the shop has one channel", "share"
            ),
            Column(
                "buyer_age_mean", "float64", "mean age of the distinct buyers whose age is known", "years"
            ),
            Column("first_sold", "date", "local day of the first purchase; null if never sold"),
            Column("last_sold", "date", "local day of the last purchase; null if never sold"),
            Column(
                "known_from",
                "date",
                "local day it was created or first sold, whichever is earlier; null if neither is known",
            ),
            Column("lifecycle_days", "int64", "from the first to the last day sold, both counted", "days"),
            Column("content_hash", "string", "sha256 of the text and the image's path, hex"),
            Column(
                "change_type",
                "string",
                "new, changed or unchanged against the previous release, by content_hash",
            ),
        ),
        key=("article_id",),
        rules=(
            Rule(
                "dates_ordered",
                "the first sale must not follow the last",
                lambda t: t.first_sold > t.last_sold,
            ),
            Rule("price_within_bounds", "price_last must lie between price_min and price_max", _unbounded),
            Rule(
                "windows_nested",
                "a longer window can't have fewer lines",
                lambda t: t[f"sales_lines_{min(days)}d"] > t[f"sales_lines_{max(days)}d"],
            ),
            Rule(
                "buyers_at_most_lines",
                "every buyer bought a line",
                lambda t: t[f"sales_buyers_{max(days)}d"] > t[f"sales_lines_{max(days)}d"],
            ),
            Rule(
                "known_change",
                "a change is new, changed or unchanged",
                lambda t: ~t.change_type.isin(("new", "changed", "unchanged")),
            ),
            Rule("hashed", "content_hash must be 64 hex digits", lambda t: t.content_hash.length() != 64),
            *(
                _range(name, 0, 1)
                for name in ("price_percentile", "price_minmax", "stock_percentile", "stock_minmax")
            ),
            *(_range(name, 0, 1) for name in ("discount_depth", "discount_vs_max", "online_share")),
        ),
    )


def _unbounded(table: ir.Table) -> ir.BooleanValue:
    """Means are rounded to twelve digits."""
    last, low, high = (table[name].cast("float64") for name in ("price_last", "price_min", "price_max"))
    return (last < low - 1e-9) | (last > high + 1e-9)


CHANGES = Contract(
    "changes",
    "one row per article that is new, changed or removed since the previous release",
    (
        Column("article_id", "string", "the article"),
        Column("change_type", "string", "new, changed or removed"),
        Column("content_hash", "string", "what it is now; null where removed"),
        Column("previous_hash", "string", "what it was; null where new"),
    ),
    key=("article_id",),
    rules=(
        Rule(
            "really_changed",
            "the hashes must differ, and be there as the change says",
            lambda t: (
                (t.content_hash == t.previous_hash)
                | ((t.change_type == "removed") != t.content_hash.isnull())
                | ((t.change_type == "new") != t.previous_hash.isnull())
            ),
        ),
    ),
)

_CONTENT = (
    "article_id",
    "text",
    "image_path",
    "content_hash",
    "product_code",
    "product_type_name",
    "product_group_name",
    "is_merchandise",
)
CONTENTS = Contract(
    "contents",
    "one row per article: what embeddings are made of, and nothing that time alone changes",
    tuple(column for column in articles_contract().columns if column.name in _CONTENT),
    key=("article_id",),
    rules=(Rule("text_told", "text must not be null", lambda t: t.text.isnull()),),
)

RELEASED = (articles_contract(), CHANGES, CONTENTS)
