"""What a session is told about."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.clickstream.carts import items_left, with_carts
from ml_etl.clickstream.moments import seconds
from ml_etl.clickstream.params import Clickstream
from ml_etl.contracts import MONEY_SUM
from ml_etl.expressions import built_once
from ml_etl.parts import StoredParts
from ml_etl.pipelines.events.contracts import SESSIONS, shaped
from ml_etl.pipelines.events.params import EventsParams, FunnelParams, SessionParams
from ml_etl.pipelines.events.types import TYPES


def describe_sessions(
    stamped: StoredParts, bounds: ir.Table, params: EventsParams, clickstream: Clickstream
) -> list[ir.Table]:
    """One row per session of the touched visitors that started in scope; a table per block of visitors."""
    blocks, gap = [stamped.of([name]) for name in stamped.names], clickstream.sessions.gap_minutes
    return [_described(block, bounds, params.sessions, params.funnel, gap) for block in blocks]


@built_once
def _described(
    stamped: ir.Table, bounds: ir.Table, params: SessionParams, funnel: FunnelParams, gap_minutes: int
) -> ir.Table:
    told = _attributes(_prepared(stamped.filter(~_.is_context), params), funnel)
    table = told.cross_join(bounds.select("clock")).mutate(
        is_open=_.ended_at + ibis.interval(minutes=gap_minutes) >= _.clock
    )
    table = table.mutate(cart_abandoned=ibis.ifelse(_.is_open, None, _.cart_items_left > 0))
    return shaped(_recovered(table, stamped, params), SESSIONS)


def _prepared(events: ir.Table, params: SessionParams) -> ir.Table:
    """The events with what is summed of them."""
    pause = seconds(_.created_at) - seconds(_.previous_at)
    return with_carts(events).mutate(
        is_purchase=_.event_type == "purchase",
        pause_s=ibis.least(pause, params.engaged_s_per_event),
        paid=(_.price * _.units).cast(MONEY_SUM),
    )


def _attributes(events: ir.Table, funnel: FunnelParams) -> ir.Table:
    """What one grouping of the events can tell."""
    article, campaign, channel = _.article_id.notnull(), _.campaign_id.notnull(), _.channel.notnull()
    carted = (_.price * _.in_cart).cast(MONEY_SUM)
    return events.group_by("session_key").aggregate(
        visitor=_.visitor.min(),
        session_id=_.session_id.min(),
        customer_id=_.session_customer_id.min(),
        started_at=_.created_at.min(),
        ended_at=_.created_at.max(),
        activity_started_at=_.activity_started_at.min(),
        duration_s=seconds(_.created_at.max()) - seconds(_.created_at.min()),
        engaged_s=_.pause_s.sum(where=_.position > _.first_position).fill_null(0),
        event_count=_.count(),
        **{f"{name}_count": _.count(where=_.event_type == name) for name in TYPES},
        other_count=_.count(where=~_.event_type.isin(TYPES)),
        distinct_articles=_.article_id.nunique(),
        entry_type=_.event_type.argmin(_.position),
        entry_article_id=_.article_id.argmin(_.position, where=article),
        exit_type=_.event_type.argmax(_.position),
        exit_article_id=_.article_id.argmax(_.position, where=article),
        campaign_id=_.campaign_id.argmin(_.position, where=campaign),
        channel=_.channel.argmin(_.position, where=channel),
        cart_items_left=items_left(),
        cart_value=carted.sum(where=_.in_cart != 0),
        revenue=_.paid.sum(where=_.is_purchase),
        converted=_.is_purchase.any(),
        furthest_step=_furthest(funnel),
        is_bot=_.is_bot.any(),
        simulated=_.simulated.any(),
    )


def _furthest(funnel: FunnelParams) -> ir.StringValue:
    reached = [(_.event_type.isin(step.types).any(), step.name) for step in reversed(funnel.steps)]
    return ibis.cases(*reached, else_=ibis.null("string"))


def _recovered(sessions: ir.Table, stamped: ir.Table, params: SessionParams) -> ir.Table:
    """Adds recovered_24h: a purchase by the visitor, unless as another customer, soon after the session."""
    soon = ibis.interval(hours=params.recovery_hours)
    bought = stamped.filter(_.event_type == "purchase").select(
        "visitor", bought_at=_.created_at, buyer=_.session_customer_id
    )
    left = sessions.filter(_.cart_abandoned).select("session_key", "visitor", "customer_id", "ended_at")
    after = left.inner_join(bought, "visitor").filter(
        (_.bought_at > _.ended_at)
        & (_.bought_at <= _.ended_at + soon)
        & (_.customer_id == _.buyer).fill_null(True)
    )
    came_back = after.select("session_key", came_back=True).distinct()
    table = sessions.left_join(came_back, "session_key").drop("session_key_right")
    told = ibis.cases(
        (~_.cart_abandoned.fill_null(False), ibis.null("boolean")),
        (_.came_back, True),
        (_.ended_at + soon < _.clock, False),
        else_=ibis.null("boolean"),
    )
    return table.mutate(recovered_24h=told)
