"""Implicit signals: what customers click of what they buy."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.absent import Absent
from ml_etl.as_of import AsOf, local_day_of
from ml_etl.clickstream.known import events_as_of
from ml_etl.clickstream.params import Clickstream
from ml_etl.parts import StoredParts
from ml_etl.pipelines.interactions.params import InteractionsParams, WeightParams
from ml_etl.pipelines.interactions.scores import counted, half_life, total
from ml_etl.purchases import age_of

SIGNALS = {"view": "view", "click": "click", "wishlist": "wishlist", "cart": "add_to_cart"}
"""Our names, and the types of events."""

_SCHEMA = {
    "customer_number": "int64",
    "article_number": "int64",
    **{f"{name}_count": "int64" for name in SIGNALS},
    "last_event_at": "timestamp(6)",
    "simulated": "boolean",
    "signal_weight": "float64",
}


def signals(
    events: StoredParts | Absent,
    customers: ir.Table,
    articles: ir.Table,
    as_of: AsOf,
    clickstream: Clickstream,
    params: InteractionsParams,
) -> tuple[ir.Table, bool]:
    """One row per (customer_number, article_number) with an event known before the as-of; and if any are.

    An event belongs to its session's customer, as the session was then. `signal_weight` is what real events
    weigh; simulated ones weigh nothing.
    """
    if isinstance(events, Absent):
        return ibis.memtable([], schema=ibis.schema(_SCHEMA)), False
    who = customers.select("customer_number", session_customer_id=_.customer_id)
    what = articles.select("article_id", "article_number")
    known = events_as_of(events, as_of, clickstream)
    # Numbers are grouped by in a fraction of the time and memory that texts take.
    known = known.join(who, "session_customer_id").join(what, "article_id")
    day = local_day_of(known.created_at, as_of.timezone)
    age = ibis.greatest(age_of(day, as_of), 0)
    told = known.mutate(term=counted(half_life(age, params.weight.half_life_days)))
    table = told.group_by("customer_number", "article_number").aggregate(
        **{f"{name}_count": _.count(where=_.event_type == kind) for name, kind in SIGNALS.items()},
        last_event_at=_.created_at.max(),
        simulated=_.simulated.any(),
        signal_weight=_weight(params.weight),
    )
    return table.select(**{name: table[name].cast(dtype) for name, dtype in _SCHEMA.items()}), True


def _weight(weight: WeightParams) -> ibis.Deferred:
    terms = []
    for name, kind in SIGNALS.items():
        real = (_.event_type == kind) & ~_.simulated
        terms.append(total(_.term.sum(where=real).fill_null(0)) * getattr(weight, name))
    return sum(terms[1:], terms[0])


def with_signals(pairs: ir.Table, signals: ir.Table, are_known: bool) -> ir.Table:
    """The pairs with their signals: counts are 0 without an event, and null where no events are known."""
    joined = pairs.left_join(signals, ["customer_number", "article_number"], rname="{name}_of_signal")
    counts = {f"{name}_count": joined[f"{name}_count"].fill_null(0) for name in SIGNALS} if are_known else {}
    weight = joined.weight + joined.signal_weight.fill_null(0.0)
    return joined.mutate(**counts, weight=weight)
