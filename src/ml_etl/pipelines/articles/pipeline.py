"""articles, from staged tables to a release."""

from kedro.pipeline import Node, Pipeline

from ml_etl.pipelines.articles.categories import paths, tree
from ml_etl.pipelines.articles.changes import catalog_change, changes, count_changes
from ml_etl.pipelines.articles.figures import price_and_lifecycle, shape_of_catalogue
from ml_etl.pipelines.articles.market import market
from ml_etl.pipelines.articles.prices import prices
from ml_etl.pipelines.articles.release import card, measure, request, verify
from ml_etl.pipelines.articles.sales import buyer_ages, recent_sales, sales
from ml_etl.pipelines.articles.table import articles, contents, known_articles
from ml_etl.pipelines.articles.texts import texts
from ml_etl.purchases import purchases

SOURCES = ("articles", "categories", "customers", "transactions")
"""The source tables it stands on."""

_PARAMS = "params:articles"
_BEFORE = "previous.articles.table"
_OF_PURCHASES = ("articles.prices", "articles.sales", "articles.recent_sales", "articles.buyer_ages")


def create_pipeline() -> Pipeline:
    """Nodes tagged `articles`; inputs are staged tables, `as_of`, the plan and the previous release."""
    counts = [f"staging.{table}_counts" for table in SOURCES]
    return Pipeline(
        [
            Node(
                known_articles,
                ["staging.articles", "articles.sales", "as_of"],
                "articles.known",
                name="select_articles",
            ),
            Node(texts, ["articles.known", _PARAMS], "articles.texts", name="write_texts"),
            Node(tree, "staging.categories", "articles.categories", name="select_categories"),
            Node(paths, "articles.categories", "articles.category_paths", name="walk_categories"),
            Node(
                purchases,
                ["staging.transactions", "as_of"],
                "articles.purchases",
                name="select_article_sales",
            ),
            Node(prices, "articles.purchases", "articles.prices", name="price_articles"),
            Node(sales, "articles.purchases", "articles.sales", name="date_article_sales"),
            Node(
                recent_sales,
                ["articles.purchases", _PARAMS],
                "articles.recent_sales",
                name="sum_article_sales",
            ),
            Node(
                buyer_ages,
                ["articles.purchases", "staging.customers"],
                "articles.buyer_ages",
                name="average_buyer_ages",
            ),
            Node(
                market,
                ["articles.known", *_OF_PURCHASES, _PARAMS],
                "articles.market",
                name="place_articles_in_their_type",
            ),
            Node(
                articles,
                [
                    "articles.texts",
                    "articles.market",
                    "articles.category_paths",
                    _BEFORE,
                    _PARAMS,
                ],
                "articles.table",
                name="describe_articles",
            ),
            Node(contents, "articles.table", "articles.contents", name="select_contents"),
            Node(changes, ["articles.table", _BEFORE], "articles.changes", name="list_changes"),
            Node(
                count_changes,
                ["articles.table", "articles.changes"],
                "articles.change_counts",
                name="count_changes",
            ),
            Node(
                catalog_change,
                ["articles.change_counts", _BEFORE, _PARAMS],
                "articles.catalog_change",
                name="judge_catalogue",
            ),
            Node(shape_of_catalogue, "articles.table", "articles.shape", name="shape_of_catalogue"),
            Node(
                price_and_lifecycle,
                "articles.shape",
                "articles.price_and_lifecycle",
                name="draw_price_and_lifecycle",
            ),
            Node(
                measure,
                ["articles.table", "articles.changes", "articles.contents", _PARAMS],
                "articles.measures",
                name="measure_articles",
            ),
            Node(
                verify,
                ["articles.measures", "articles.plan", _PARAMS, *counts],
                "articles.checks",
                name="verify_articles",
            ),
            Node(
                card,
                ["articles.checks", "articles.catalog_change", "as_of", _PARAMS],
                "articles.card",
                name="describe_release_of_articles",
            ),
            Node(
                request,
                ["articles.checks", "articles.plan", "articles.price_and_lifecycle", "articles.card"],
                "articles.release",
                name="release_articles",
            ),
        ],
        tags={"articles"},
    )
