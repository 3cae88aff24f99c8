"""customers, from staged tables to a release."""

from kedro.pipeline import Node, Pipeline

from ml_etl.pipelines.customers.clicks import click_habits, clicks
from ml_etl.pipelines.customers.demographics import known_customers
from ml_etl.pipelines.customers.features import features
from ml_etl.pipelines.customers.figures import by_segment, rfm_cells, rfm_heatmap, segment_picture
from ml_etl.pipelines.customers.lines import bought_articles, facts, purchase_days, returned_lines
from ml_etl.pipelines.customers.orders import order_habits, order_sizes, rhythm
from ml_etl.pipelines.customers.postal import hash_postal_codes, postal_codes
from ml_etl.pipelines.customers.preferences import preferences, price_percentiles
from ml_etl.pipelines.customers.release import card, measure, request, verify
from ml_etl.pipelines.customers.scaling import clustered_features
from ml_etl.pipelines.customers.segments import segments
from ml_etl.pipelines.customers.table import customers
from ml_etl.pipelines.customers.value import histories, value
from ml_etl.pipelines.customers.windows import windows
from ml_etl.purchases import purchases

SOURCES = ("articles", "customers", "transactions", "orders", "order_items")
"""The source tables it stands on."""

_PARAMS = "params:customers"


def create_pipeline() -> Pipeline:
    """Nodes tagged `customers`; inputs: staged tables, `as_of`, `customers.plan`, the version before."""
    nodes = [*_lines(), *_blocks(), *_models(), *_release()]
    return Pipeline(nodes, tags={"customers"})


def _lines() -> list[Node]:
    """Purchase lines, grouped once for all that follows."""
    return [
        Node(purchases, ["staging.transactions", "as_of"], "customers.purchases", name="collect_purchases"),
        Node(returned_lines, ["staging.transactions", "as_of"], "customers.returns", name="collect_returns"),
        Node(purchase_days, ["customers.purchases", "as_of"], "customers.days", name="collect_purchase_days"),
        Node(
            bought_articles,
            ["customers.purchases", "as_of"],
            "customers.articles",
            name="collect_bought_articles",
        ),
        Node(
            clicks,
            ["known.events.table", "as_of", "params:clickstream"],
            "customers.clicks",
            name="collect_clicks",
        ),
        Node(
            facts,
            ["customers.purchases", "staging.orders", "customers.clicks"],
            "customers.facts",
            name="measure_shop",
        ),
    ]


def _blocks() -> list[Node]:
    """One block of columns per node, then all of them side by side."""
    return [
        Node(postal_codes, "staging.customers", "customers.postal_codes", name="collect_postal_codes"),
        Node(
            hash_postal_codes,
            ["customers.postal_codes", "customers.postal_key"],
            "customers.postal_hashes",
            name="hash_postal_codes",
        ),
        Node(
            known_customers,
            ["staging.customers", "staging.transactions", "customers.postal_hashes", "as_of", _PARAMS],
            "customers.known",
            name="describe_known_customers",
        ),
        Node(
            windows,
            [
                "customers.known",
                "customers.days",
                "customers.articles",
                "customers.returns",
            ],
            "customers.windows",
            name="sum_windows",
        ),
        Node(
            order_sizes,
            ["staging.orders", "staging.order_items"],
            "customers.order_sizes",
            name="size_orders",
        ),
        Node(
            order_habits,
            ["customers.order_sizes", _PARAMS],
            "customers.order_habits",
            name="average_orders",
        ),
        Node(rhythm, "customers.days", "customers.rhythm", name="time_purchases"),
        Node(
            price_percentiles,
            ["customers.purchases", "staging.articles"],
            "customers.price_percentiles",
            name="rank_prices",
        ),
        Node(
            preferences,
            [
                "customers.articles",
                "customers.days",
                "customers.purchases",
                "staging.articles",
                "customers.price_percentiles",
                "customers.facts",
            ],
            "customers.preferences",
            name="find_preferences",
        ),
        Node(click_habits, "customers.clicks", "customers.click_habits", name="sum_clicks"),
        Node(
            features,
            [
                "customers.known",
                "customers.windows",
                "customers.order_habits",
                "customers.rhythm",
                "customers.preferences",
                "customers.click_habits",
                "customers.facts",
                _PARAMS,
            ],
            "customers.features",
            name="score_rfm",
        ),
    ]


def _models() -> list[Node]:
    """Where the lazy world ends: segments, value, pictures."""
    return [
        Node(clustered_features, "customers.features", "customers.clustered", name="select_for_segments"),
        Node(
            segments,
            ["customers.clustered", "previous.customers.segment_centroids", _PARAMS],
            ["customers.segments", "customers.segment_profiles", "customers.segment_centroids"],
            name="find_segments",
        ),
        Node(
            histories,
            ["customers.days", "customers.known"],
            "customers.histories",
            name="select_for_value",
        ),
        Node(
            value,
            ["customers.histories", "customers.facts", _PARAMS],
            ["customers.value", "customers.value_facts"],
            name="fit_value",
        ),
        Node(
            customers,
            ["customers.features", "customers.segments", "customers.value"],
            "customers.table",
            name="join_customers",
        ),
        Node(rfm_cells, "customers.features", "customers.rfm_cells", name="count_rfm_cells"),
        Node(rfm_heatmap, ["customers.rfm_cells", _PARAMS], "customers.rfm_heatmap", name="draw_rfm_heatmap"),
        Node(by_segment, "customers.segment_profiles", "customers.profiles", name="select_profiles"),
        Node(segment_picture, "customers.profiles", "customers.segment_picture", name="draw_segments"),
    ]


def _release() -> list[Node]:
    counts = [f"staging.{table}_counts" for table in SOURCES]
    written = ["customers.table", "customers.segments", "customers.segment_profiles", "customers.value"]
    return [
        Node(measure, written, "customers.measures", name="measure_customers"),
        Node(
            verify,
            ["customers.measures", "customers.plan", _PARAMS, *counts],
            "customers.checks",
            name="verify_customers",
        ),
        Node(
            card,
            [
                "customers.facts",
                "customers.segment_centroids",
                "customers.value_facts",
                "customers.checks",
                "as_of",
                _PARAMS,
            ],
            "customers.card",
            name="describe_customers",
        ),
        Node(
            request,
            [
                "customers.checks",
                "customers.plan",
                "customers.rfm_heatmap",
                "customers.segment_picture",
                "customers.card",
            ],
            "customers.release",
            name="release_customers",
        ),
    ]
