"""Which purchases a model may learn from, and which judge it."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.as_of import AsOf
from ml_etl.pipelines.interactions.params import InteractionsParams


def splits(days: ir.Table, pairs: ir.Table, as_of: AsOf, params: InteractionsParams) -> ir.Table:
    """One row per (customer_id, article_id, t_dat): its split, by date alone.

    `cold_customer` and `cold_article`: not in train, so that no model can know them.
    """
    validation_from, test_from = (ibis.literal(day) for day in params.splits.cuts(as_of.day))
    seen_before = _.first_purchase_date.min() < validation_from
    warm_customers = pairs.group_by("customer_id").aggregate(warm_customer=seen_before)
    warm_articles = pairs.group_by("article_id").aggregate(warm_article=seen_before)
    return (
        days.join(warm_customers, "customer_id")
        .join(warm_articles, "article_id")
        .select(
            "customer_id",
            "article_id",
            "t_dat",
            "purchase_count",
            split=ibis.cases(
                (_.t_dat < validation_from, "train"), (_.t_dat < test_from, "validation"), else_="test"
            ),
            cold_customer=~_.warm_customer,
            cold_article=~_.warm_article,
        )
    )
