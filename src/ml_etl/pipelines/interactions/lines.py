"""What the pairs and the splits need to know of the purchase lines."""

import ibis.expr.types as ir
from ibis import _


def facts(purchases: ir.Table) -> dict[str, ir.Table]:
    """One row to run: `oldest` is the largest age, `channels` how many sales channels there are."""
    return {"purchases": purchases.aggregate(oldest=_.age.max(), channels=_.sales_channel_id.nunique())}


def purchase_days(purchases: ir.Table) -> ir.Table:
    """One row per (customer_number, article_number, t_dat): purchase_count, its lines."""
    return purchases.group_by("customer_number", "article_number", "t_dat").aggregate(
        purchase_count=_.count()
    )
