"""What is measured of each dataset: its outputs, our nodes that make them, and the keys to compare by."""

from dataclasses import dataclass

MAX_CSV_ROWS = 5_000_000
"""As conf/base/catalog/interactions.yml: above it nobody writes the CSV."""

ONLY_OURS = (
    *("landing", "staging contracts", "matrix", "models", "calendar", "seasonality", "forecasts"),
    *("figures", "release contracts", "release"),
)
"""What the build does that the others don't."""

_HOUSE = {
    "landing": ("land_",),
    "staging contracts": (
        *("judge_articles", "judge_categories", "judge_customers", "judge_order_items"),
        *("count_articles", "count_categories", "count_customers", "count_order", "count_transactions"),
        *("find_repeated_articles", "find_repeated_c", "find_repeated_order", "quarantine_", "accept_"),
    ),
}
TYPED = ("judge_transactions", "judge_orders")
LINES = (*TYPED, "find_repeated_transactions")
"""Purchase lines and orders are typed and judged in one query: typing is work for the purchases, what judging
adds to it is a contract. The years of the lines are found to type them. Order items are counted for their
contract alone: they are typed again where they are summed, which counts for the customers."""


@dataclass(frozen=True)
class Dataset:
    """`parts` are our nodes by what they work for (a name may be a prefix), `scopes` outputs told together.

    `keys` are the tables that the contenders write, each with the unique key it is sorted by. Against pandas
    doubles may differ by `near_zero`, too: a difference of two prices keeps their last digits. Columns
    `left_out` are only ours: nobody else writes them. SQL and pandas are written for shops of these `kinds`.
    """

    name: str
    parts: dict[str, tuple[str, ...]]
    scopes: dict[str, tuple[str, ...]]
    keys: dict[str, tuple[str, ...]]
    notes: tuple[str, ...] = ()
    near_zero: float = 0.0
    left_out: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ("demo",)

    @property
    def outputs(self) -> tuple[str, ...]:
        return self.scopes["total"]

    @property
    def only_ours(self) -> tuple[str, ...]:
        return ("start-up", *(part for part in ONLY_OURS if part in self.parts))

    def part(self, node: str) -> str:
        for part, names in self.parts.items():
            if node.startswith(names):
                return part
        raise SystemExit(
            f"The node {node} is in no part of benchmarks/datasets.py; say there what it is for."
        )


_CORE = ("purchases", "interactions", "csv", "customer_index", "article_index", "splits", "popularity")

INTERACTIONS = Dataset(
    "interactions",
    {
        **_HOUSE,
        "purchases": (*LINES, "select_purchases", "group_by_day"),
        "interactions": (
            "sum_returns",
            "measure_purchases",
            "compare_weeks",
            "block_customers",
            "sum_signals",
            "score_interactions",
        ),
        "csv": ("export_csv",),
        "customer_index": ("index_customers",),
        "article_index": ("index_articles",),
        "splits": ("split_by_date",),
        "popularity": ("rank_popularity",),
        "also_bought": ("number_baskets", "number_articles", "find_also_bought"),
        "matrix": ("select_matrix_entries", "build_matrix"),
        "release contracts": ("measure_interactions", "verify_interactions"),
        "release": ("describe_interactions", "release_interactions"),
    },
    {"core": _CORE, "also_bought": ("also_bought",), "total": (*_CORE, "also_bought")},
    {
        "interactions": ("customer_id", "article_id"),
        "interactions_csv": ("customer_id", "article_id"),
        "customer_index": ("index",),
        "article_index": ("index",),
        "splits": ("customer_id", "article_id", "t_dat"),
        "popularity": ("age_band", "article_id"),
        "also_bought": ("article_id", "related_article_id"),
    },
    (
        "Core is everything but also_bought. The npz matrix can't be made in SQL and counts on no side.",
        "Above 5 million rows nobody writes the CSV.",
    ),
    near_zero=1e-20,  # of a line two years old 10^-30 still counts, which is a unit of the exact sums
    kinds=("demo", "simulated"),
)

ARTICLES = Dataset(
    "articles",
    {
        "release contracts": ("count_changes", "measure_articles", "verify_articles"),
        **_HOUSE,
        "purchases": (*LINES, "select_article_sales"),
        "articles": (
            "select_articles",
            "write_texts",
            "select_categories",
            "walk_categories",
            "price_articles",
            "date_article_sales",
            "sum_article_sales",
            "average_buyer_ages",
            "place_articles",
            "describe_articles",
        ),
        "changes": ("list_changes",),
        "figures": ("shape_of_catalogue", "draw_price_and_lifecycle"),
        "release": ("judge_catalogue", "select_contents", "describe_release_of_articles", "release_articles"),
    },
    {"total": ("purchases", "articles", "changes")},
    {"articles": ("article_id",), "changes": ("article_id",)},
    ("A first release: every article is new. Neither shop has a tree of categories or product codes.",),
    near_zero=1e-10,
)

CUSTOMERS = Dataset(
    "customers",
    {
        "release contracts": ("measure_customers", "verify_customers"),
        **_HOUSE,
        "purchases": LINES,
        "customers": (
            "collect_",
            "measure_shop",
            "hash_postal_codes",
            "describe_known_customers",
            "sum_windows",
            "size_orders",
            "average_orders",
            "time_purchases",
            "rank_prices",
            "find_preferences",
            "sum_clicks",
            "score_rfm",
            "join_customers",
        ),
        "models": ("select_for_", "find_segments", "fit_value"),
        "figures": ("count_rfm_cells", "draw_rfm_heatmap", "select_profiles", "draw_segments"),
        "release": ("describe_customers", "release_customers"),
    },
    {"total": ("purchases", "customers")},
    {"customers": ("customer_id",)},
    (
        "The models (k-means, BG/NBD, Gamma-Gamma) count on no side, and their columns are not compared.",
        "Neither shop has sign-up days, postal codes, online sales or payment statuses.",
        "SQL and pandas trust the ids of orders and items; only ours looks for repeated ones.",
    ),
    near_zero=1e-10,
    left_out=(
        "segment",
        "expected_purchases_30d",
        "expected_purchases_90d",
        "p_alive",
        "expected_purchase_value",
    ),
)

TIMESERIES = Dataset(
    "timeseries",
    {
        "release contracts": ("measure_timeseries", "verify_timeseries"),
        "promo": ("find_repeated_promo", "judge_promo", "count_promo", "share_promotions", "name_promotions"),
        **_HOUSE,
        "purchases": (*LINES, "select_sales", "number_series", "assign_series"),
        "timeseries": ("sum_sales", "sum_days"),
        "weekly": ("sum_weeks",),
        "series": ("bound_series",),
        "features": ("build_features",),
        "trending": ("rank_trending",),
        "demand": ("classify_demand",),
        "calendar": ("find_open_days", "make_calendar"),
        "seasonality": ("find_closed_days", "measure_seasons"),
        "forecasts": ("select_history", "backtest_models", "forecast_sales", "sum_up_accuracy"),
        "figures": ("draw_", "select_trends", "select_shown_days"),
        "release": ("describe_timeseries", "release_timeseries"),
    },
    {
        "total": (
            *("purchases", "promo", "timeseries", "weekly"),
            *("series", "features", "trending", "demand"),
        )
    },
    {
        "promo": ("level", "unique_id", "week"),
        "timeseries": ("level", "unique_id", "ds"),
        "weekly": ("level", "unique_id", "ds"),
        "series": ("level", "unique_id"),
        "features": ("level", "unique_id", "horizon", "ds"),
        "trending": ("level", "rank"),
        "demand": ("level", "unique_id"),
    },
    (
        "Nobody else makes the seasons, the forecasts and their backtest; timeseries are the days.",
        "Of promotions the judging counts on every side, of other tables only the purchases'.",
    ),
    near_zero=1e-10,
)

DATASETS = {dataset.name: dataset for dataset in (INTERACTIONS, ARTICLES, CUSTOMERS, TIMESERIES)}
