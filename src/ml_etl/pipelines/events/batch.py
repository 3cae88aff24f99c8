"""The rows that came in, typed and judged."""

import ibis
import ibis.expr.types as ir

from ml_etl.clickstream.moments import read_within
from ml_etl.contracts import MONEY, Rule
from ml_etl.pipelines.events.blocks import with_bucket
from ml_etl.pipelines.events.contracts import MOMENT, RAW
from ml_etl.pipelines.events.params import EventsParams
from ml_etl.pipelines.events.rejected import as_texts
from ml_etl.pipelines.events.rules import rules
from ml_etl.plan import Plan

_TEXTS = (
    *("event_id", "visitor_id", "session_id", "customer_id", "article_id"),
    *("campaign_id", "channel"),
)


def read_batch(source: ir.Table, plan: Plan, params: EventsParams) -> ir.Table:
    """The source's rows of the run's window, typed, with `rule`, the first one a row breaks, or null.

    `source_row` is the row as it came, in texts, of rejected rows only. With the `visitor_bucket`.
    """
    rows = read_within(source, plan.grown.since, plan.grown.until)
    typed = _typed(rows, params)
    rule = _first_broken(typed, rules(params.rules))
    judged = typed.mutate(rule=rule)
    source_row = ibis.ifelse(judged.rule.notnull(), as_texts(judged.source_row), None)
    return with_bucket(judged.select(*RAW, "rule", source_row=source_row))


def _typed(rows: ir.Table, params: EventsParams) -> ir.Table:
    """The columns of an event as they are stored; empty texts are none."""
    texts = {name: rows[name].nullif("") for name in _TEXTS}
    kind = rows.event_type.nullif("")
    units = rows.quantity.try_cast("int64")
    # NaN is beyond every number; of null nothing is told. Spark's notnull() takes one for the other.
    plausible = rows.quantity.between(0, params.rules.most_units) & (units == rows.quantity)
    table = rows.select(
        **texts,
        event_type=kind.substitute(params.aliases) if params.aliases else kind,
        quantity=units,
        bad_quantity=~plausible,
        price=rows.price.try_cast(MONEY),
        bad_price=rows.price.notnull() & (rows.price.try_cast(MONEY).isnull() | (rows.price < 0)),
        created_at=rows.created_at.cast(MOMENT),
        ingested_at=rows.ingested_at.cast(MOMENT),
        simulated=rows.simulated.fill_null(False),
        waived=rows.waived,
        source_row=ibis.struct({name: rows[name] for name in rows.columns if name != "waived"}),
    )
    owner = ibis.literal("customer:") + table.customer_id
    return table.mutate(visitor=table.visitor_id.fill_null(owner))


def _first_broken(table: ir.Table, judged_by: tuple[Rule, ...]) -> ir.StringValue:
    """The first rule a row breaks and that no replay waived for it."""
    verdicts = [
        (rule.broken(table).fill_null(False) & (table.waived != rule.name).fill_null(True), rule.name)
        for rule in judged_by
    ]
    return ibis.cases(*verdicts, else_=ibis.null("string"))
