"""Events stamped with their session, as it is now."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.absent import Absent
from ml_etl.clickstream.params import Clickstream, SessionRules
from ml_etl.clickstream.sessions import busy_hours, in_busy_hour, sessionize
from ml_etl.contracts import Contract
from ml_etl.expressions import built_once
from ml_etl.parts import StoredParts
from ml_etl.pipelines.events.blocks import of_block, with_bucket
from ml_etl.pipelines.events.contracts import EVENTS, MOMENT, RAW, SESSIONS, shaped
from ml_etl.pipelines.events.known import ADDED, REMOVED, stored
from ml_etl.pipelines.events.scope import Scope

_STAMPS = tuple(name for name in EVENTS.schema if name not in RAW)
_MORE = ["activity_started_at", "position", "previous_at", "first_position"]


def stamp(
    compared: ir.Table,
    events: StoredParts | Absent,
    sessions: StoredParts | Absent,
    bounds: ir.Table,
    scope: Scope,
    clickstream: Clickstream,
) -> list[ir.Table]:
    """The events of the visitors that are touched, on the days in scope, with their sessions as they are now.

    `is_changed` marks what is new or has another session. `is_context` marks events of sessions that started
    before the scope: they are as they were, and only looked at. A table per block of visitors, so that each
    fits into memory, with the `year_quarter` of their rows.
    """
    before, known = recent(events, EVENTS, scope), recent(sessions, SESSIONS, scope)
    blocks = range(scope.blocks)
    return [_stamped(compared, before, known, bounds, clickstream.sessions, scope.blocks, n) for n in blocks]


def recent(table: StoredParts | Absent, contract: Contract, scope: Scope) -> ir.Table:
    """The stored rows of the days in scope; none where everything is told anew."""
    parts = stored(table, contract)
    return shaped(parts.since(scope.first_day) if scope.first_day else parts.of(()), contract)


@built_once
def _stamped(
    compared: ir.Table,
    events: ir.Table,
    sessions: ir.Table,
    bounds: ir.Table,
    rules: SessionRules,
    blocks: int,
    block: int,
) -> ir.Table:
    known = (with_bucket(table) for table in (events, sessions))
    compared, events, sessions = (of_block(table, blocks, block) for table in (compared, *known))
    old = {f"old_{name}": ibis.null(EVENTS.schema[name]) for name in _STAMPS}
    news = compared.filter(_.change == ADDED).select(
        *RAW, **old, active_since=ibis.null(MOMENT), is_context=False, is_new=True
    )
    current = news.union(_stored(compared, events, sessions, bounds))
    marked = in_busy_hour(current, busy_hours(current, rules))
    now = sessionize(marked.filter(~_.is_context), rules)
    changed = ibis.or_(*(~_[f"old_{name}"].identical_to(_[name]) for name in _STAMPS))
    now = now.mutate(is_changed=_.is_new | changed)
    context = current.filter(_.is_context).mutate(
        **{name: _[f"old_{name}"] for name in _STAMPS},
        **{name: ibis.null(now[name].type()) for name in _MORE},
        is_changed=False,
    )
    columns = [*EVENTS.schema, *_MORE, "is_changed", "is_context"]
    stamped = now.select(*columns).union(context.select(*columns))
    return stamped.mutate(year_quarter=_.created_at.truncate("Q").cast("date"))


def _stored(compared: ir.Table, events: ir.Table, sessions: ir.Table, bounds: ir.Table) -> ir.Table:
    """The stored events of the touched visitors; `active_since` where their stretch is older."""
    gone = compared.filter(_.change == REMOVED)
    kept = events.semi_join(touched(compared, sessions), "visitor").anti_join(gone, "event_id")
    known = sessions.cross_join(bounds.select("first")).select(
        "session_key",
        is_context=False,
        active_since=ibis.ifelse(_.activity_started_at < _.first, _.activity_started_at, None),
    )
    joined = kept.left_join(known, "session_key", rname="{name}_of_session")
    return joined.select(
        *RAW,
        **{f"old_{name}": joined[name] for name in _STAMPS},
        active_since=joined.active_since,
        is_context=joined.is_context.isnull(),
        is_new=False,
    )


def touched(compared: ir.Table, sessions: ir.Table) -> ir.Table:
    """The visitors with events that change, or with sessions that time alone may change."""
    waiting = _.is_open | (_.cart_abandoned & _.recovered_24h.isnull())
    visitors = compared.filter(_.change.notnull()).select("visitor")
    return visitors.union(sessions.filter(waiting).select("visitor")).distinct()
