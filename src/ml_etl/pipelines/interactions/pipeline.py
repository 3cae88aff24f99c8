"""interactions, from staged tables to a release."""

import ibis.expr.types as ir
from kedro.pipeline import Node, Pipeline

from ml_etl.pipelines.interactions.also_bought import also_bought, items, units_and_items
from ml_etl.pipelines.interactions.blocks import customer_blocks
from ml_etl.pipelines.interactions.lines import facts, purchase_days
from ml_etl.pipelines.interactions.matrix import article_index, customer_index, matrix_entries, matrix_of
from ml_etl.pipelines.interactions.pairs import interactions
from ml_etl.pipelines.interactions.popularity import popularity
from ml_etl.pipelines.interactions.release import card, measure, request, verify
from ml_etl.pipelines.interactions.scores import quotients
from ml_etl.pipelines.interactions.signals import signals
from ml_etl.pipelines.interactions.splits import splits
from ml_etl.purchases import purchases, returns

SOURCES = ("articles", "customers", "transactions")
"""The source tables it stands on."""

_WRITTEN = [
    "interactions.table",
    "interactions.splits",
    "interactions.popularity",
    "interactions.also_bought",
    "interactions.customer_index",
    "interactions.article_index",
]
_PARAMS = "params:interactions"


def as_csv(pairs: ir.Table) -> ir.Table:
    """The same rows; the catalog writes them as CSV."""
    return pairs


def create_pipeline() -> Pipeline:
    """Nodes tagged `interactions`; inputs: staged tables, released events, `as_of`, `interactions.plan`."""
    counts = [f"staging.{table}_counts" for table in SOURCES]
    return Pipeline(
        [
            Node(
                purchases,
                ["staging.transactions", "as_of"],
                "interactions.purchases",
                name="select_purchases",
            ),
            Node(purchase_days, "interactions.purchases", "interactions.days", name="group_by_day"),
            Node(returns, ["staging.transactions", "as_of"], "interactions.returns", name="sum_returns"),
            Node(facts, "interactions.purchases", "interactions.facts", name="measure_purchases"),
            Node(quotients, "interactions.purchases", "interactions.quotients", name="compare_weeks"),
            Node(
                customer_blocks,
                ["interactions.purchases", _PARAMS],
                "interactions.blocks",
                name="block_customers",
            ),
            Node(
                signals,
                [
                    "known.events.table",
                    "staging.customers",
                    "staging.articles",
                    "as_of",
                    "params:clickstream",
                    _PARAMS,
                ],
                ["interactions.signals", "interactions.events_known"],
                name="sum_signals",
            ),
            Node(
                interactions,
                [
                    "interactions.purchases",
                    "interactions.days",
                    "interactions.returns",
                    "staging.customers",
                    "staging.articles",
                    "interactions.blocks",
                    "interactions.quotients",
                    "interactions.facts",
                    "interactions.signals",
                    "interactions.events_known",
                    _PARAMS,
                ],
                "interactions.table",
                name="score_interactions",
            ),
            Node(as_csv, "interactions.table", "interactions.csv", name="export_csv"),
            Node(customer_index, "interactions.table", "interactions.customer_index", name="index_customers"),
            Node(article_index, "interactions.table", "interactions.article_index", name="index_articles"),
            Node(
                matrix_entries,
                ["interactions.table", "interactions.customer_index", "interactions.article_index", _PARAMS],
                "interactions.matrix_entries",
                name="select_matrix_entries",
            ),
            Node(matrix_of, "interactions.matrix_entries", "interactions.matrix", name="build_matrix"),
            Node(
                splits,
                [
                    "interactions.days",
                    "staging.customers",
                    "staging.articles",
                    "interactions.customer_index",
                    "interactions.article_index",
                    "as_of",
                    _PARAMS,
                ],
                "interactions.splits",
                name="split_by_date",
            ),
            Node(
                popularity,
                ["interactions.purchases", "staging.customers", "staging.articles", _PARAMS],
                "interactions.popularity",
                name="rank_popularity",
            ),
            Node(
                units_and_items,
                ["interactions.purchases", "interactions.article_index", "staging.articles"],
                "interactions.units_and_items",
                name="number_baskets",
            ),
            Node(items, "interactions.article_index", "interactions.items", name="number_articles"),
            Node(
                also_bought,
                ["interactions.units_and_items", "interactions.items", _PARAMS],
                ["interactions.also_bought", "interactions.also_bought_facts"],
                name="find_also_bought",
            ),
            Node(
                measure, [*_WRITTEN, "as_of", _PARAMS], "interactions.measures", name="measure_interactions"
            ),
            Node(
                verify,
                ["interactions.measures", "interactions.matrix", "interactions.plan", _PARAMS, *counts],
                "interactions.checks",
                name="verify_interactions",
            ),
            Node(
                card,
                [
                    "interactions.also_bought_facts",
                    "interactions.checks",
                    "interactions.events_known",
                    "as_of",
                    _PARAMS,
                ],
                "interactions.card",
                name="describe_interactions",
            ),
            Node(
                request,
                ["interactions.checks", "interactions.plan", "interactions.csv", "interactions.card"],
                "interactions.release",
                name="release_interactions",
            ),
        ],
        tags={"interactions"},
    )
