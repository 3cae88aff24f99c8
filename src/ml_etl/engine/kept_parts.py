"""Parts of a query that are chosen again where they are used, not kept."""

import sqlglot.expressions as sge

# Among them what ages and weeks are told by: to tell them again costs less than to keep every row.
_CHEAP = (sge.Cast, sge.And, sge.Or, sge.Coalesce, sge.Floor, sge.DateDiff, sge.DateFromParts)
_HEAVY = (sge.Join, sge.SetOperation, sge.Group, sge.Distinct, sge.Order, sge.Limit, sge.Window)


def only_chooses(part: sge.Expression) -> bool:
    """Whether a part of a query only chooses rows and columns of one table, or tells cheap ones from them.

    The engine keeps a part that is used twice in memory, all of it. To choose again costs less.
    """
    return not any(
        isinstance(node, _HEAVY) or (isinstance(node, sge.Func) and not isinstance(node, _CHEAP))
        for node in part.walk()
    )
