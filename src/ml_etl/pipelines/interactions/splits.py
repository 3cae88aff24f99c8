"""Which purchases a model may learn from, and which judge it."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.as_of import AsOf
from ml_etl.pipelines.interactions.params import InteractionsParams


def splits(
    days: ir.Table,
    customers: ir.Table,
    articles: ir.Table,
    customer_index: ir.Table,
    article_index: ir.Table,
    as_of: AsOf,
    params: InteractionsParams,
) -> ir.Table:
    """One row per (customer_id, article_id, t_dat): its split, by date alone.

    The indexes know when each customer and article was first seen. `cold_customer` and `cold_article`: not
    in train, so that no model can know them. The numbers are there to sort by.
    """
    validation_from, test_from = (ibis.literal(day) for day in params.splits.cuts(as_of.day))
    cold = _.first_seen >= validation_from
    who = customers.select("customer_id", "customer_number").join(
        customer_index.select("customer_id", cold_customer=cold), "customer_id"
    )
    what = articles.select("article_id", "article_number").join(
        article_index.select("article_id", cold_article=cold), "article_id"
    )
    return (
        days.join(who, "customer_number")
        .join(what, "article_number")
        .select(
            "customer_id",
            "article_id",
            "t_dat",
            "purchase_count",
            split=ibis.cases(
                (_.t_dat < validation_from, "train"), (_.t_dat < test_from, "validation"), else_="test"
            ),
            cold_customer=_.cold_customer,
            cold_article=_.cold_article,
            customer_number=_.customer_number,
            article_number=_.article_number,
        )
    )
