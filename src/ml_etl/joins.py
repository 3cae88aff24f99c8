"""Tables of one key side by side."""

from collections.abc import Sequence

import ibis.expr.types as ir


def beside(table: ir.Table, *others: ir.Table, on: str, columns: Sequence[str] | None = None) -> ir.Table:
    """The table's rows with the columns of the others, null where one of them doesn't know the key `on`.

    Of all these the `columns`, if given.

    One chain of joins and one projection: each pair of its own would list every column again, and wide
    tables then compile slowly.
    """
    chain = table
    for number, other in enumerate(others):
        chain = chain.left_join(other, on, rname=f"{{name}}_{number}")
    new = [name for other in others for name in other.columns if name != on]
    return chain.select(*(columns or (*table.columns, *new)))
