"""What customers did in the last 30 days, as events that are not simulated tell."""

import datetime as dt

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.absent import Absent
from ml_etl.as_of import AsOf, local_day_of
from ml_etl.clickstream.carts import items_left, with_carts
from ml_etl.clickstream.known import events_as_of, known_until
from ml_etl.clickstream.params import Clickstream
from ml_etl.parts import StoredParts

DAYS = 30
_SCHEMA = {
    "customer_id": "string",
    "session_key": "string",
    "views": "int64",
    "carts": "int64",
    "purchases": "int64",
    "items_left": "int64",
    "is_over": "boolean",
}


def clicks(events: StoredParts | Absent, as_of: AsOf, clickstream: Clickstream) -> ir.Table:
    """One row per customer's session with an event in the last 30 local days, as it was known at the as-of.

    Counts are of these days' events; `items_left` in the cart of the whole session. Simulated events are
    left out.
    """
    if isinstance(events, Absent):
        return ibis.memtable([], schema=ibis.schema(_SCHEMA))
    first = as_of.day - dt.timedelta(days=DAYS)
    known = events_as_of(events, as_of, clickstream, since_day=first - dt.timedelta(days=1))
    people = known.filter(~_.simulated & _.session_customer_id.notnull())
    in_order = ibis.window(group_by="session_key", order_by=["created_at", "event_id"])
    told = with_carts(people.mutate(position=ibis.row_number().over(in_order))).mutate(
        in_window=local_day_of(people.created_at, as_of.timezone) >= ibis.literal(first)
    )
    over = ibis.literal(known_until(as_of, clickstream)) - ibis.interval(
        minutes=clickstream.sessions.gap_minutes
    )
    sessions = told.group_by("session_key").aggregate(
        customer_id=_.session_customer_id.min(),
        views=_.count(where=_.in_window & _.event_type.isin(("view", "click"))).fill_null(0),
        carts=_.count(where=_.in_window & (_.event_type == "add_to_cart")).fill_null(0),
        purchases=_.count(where=_.in_window & (_.event_type == "purchase")).fill_null(0),
        items_left=items_left(),
        is_over=_.created_at.max() < over,
        in_window=_.in_window.any(),
    )
    table = sessions.filter(_.in_window)
    return table.select(**{name: table[name].cast(dtype) for name, dtype in _SCHEMA.items()})


def click_habits(clicks: ir.Table) -> ir.Table:
    """One row per customer with a session: counts and rates of the last 30 days."""
    carted = (_.carts > 0) & _.is_over
    sums = clicks.group_by("customer_id").aggregate(
        views_30d=_.views.sum().cast("int64"),
        carts_30d=_.carts.sum().cast("int64"),
        purchase_events_30d=_.purchases.sum().cast("int64"),
        carted=carted.sum(),
        left=(carted & (_.items_left > 0)).sum(),
    )
    return sums.mutate(
        view_to_cart_30d=_.carts_30d / _.views_30d.nullif(0),
        cart_to_purchase_30d=_.purchase_events_30d / _.carts_30d.nullif(0),
        cart_abandonment_30d=_.left / _.carted.nullif(0),
    ).drop("carted", "left")
