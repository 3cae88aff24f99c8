"""Ranges of customers, so that what groups their lines fits in memory whatever the shop's size."""

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from ml_etl.pipelines.interactions.params import InteractionsParams


def customer_blocks(purchases: ir.Table, params: InteractionsParams) -> ir.Table:
    """One row per block of about `lines_per_block` purchase lines: `first` and `last` customer_number.

    Blocks share no customer, and come in the order of the ids, which the numbers have.
    """
    up_to_here = ibis.window(order_by="customer_number", preceding=None, following=0)
    lines = purchases.group_by("customer_number").aggregate(lines=_.count())
    before = (_.lines.sum().over(up_to_here) - _.lines).cast("int64")
    return (
        lines.mutate(block=before // params.lines_per_block)
        .group_by("block")
        .aggregate(first=_.customer_number.min(), last=_.customer_number.max())
        .order_by("block")
    )


def by_block(blocks: pd.DataFrame, *tables: ir.Table) -> list[tuple[ir.Table, ...]]:
    """The tables' rows of each block; without any block once the tables as they are, which are empty."""
    if blocks.empty:
        return [tables]
    ranges = zip(blocks["first"].tolist(), blocks["last"].tolist(), strict=True)
    return [tuple(t.filter(t.customer_number.between(*ends)) for t in tables) for ends in ranges]
