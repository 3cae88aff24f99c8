"""What is left in a session's cart: added less removed since its last purchase."""

import ibis
import ibis.expr.types as ir
from ibis import _


def with_carts(events: ir.Table) -> ir.Table:
    """The events of sessions with `units`, `in_cart` (signed) and the position of the `last_purchase`."""
    units = _.quantity.fill_null(1)
    told = events.mutate(
        units=units,
        in_cart=ibis.cases(
            (_.event_type == "add_to_cart", units), (_.event_type == "remove_from_cart", -units), else_=0
        ),
    )
    bought = told.filter(_.event_type == "purchase").group_by("session_key")
    last = bought.aggregate(last_purchase=_.position.max())
    return told.left_join(last, "session_key").drop("session_key_right")


def items_left() -> ibis.Deferred:
    """Of a session's events with their carts: the units that are left in the end."""
    return _.in_cart.sum(where=_.position > _.last_purchase.fill_null(-1)).fill_null(0)
