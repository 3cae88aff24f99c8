"""How many take each step of the funnel, in a session and in windows of days, and how long it takes them.

Strict: every step is seen, in order; equal times follow the order of the steps. Inferred: who took a step
took those before it, seen or not.
"""

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from ml_etl.clickstream.moments import seconds
from ml_etl.expressions import built_once
from ml_etl.parts import NewParts
from ml_etl.pipelines.events.blocks import Span, spans
from ml_etl.pipelines.events.contracts import shaped
from ml_etl.pipelines.events.days import PART
from ml_etl.pipelines.events.funnel_contracts import FUNNEL, funnel_articles_contract
from ml_etl.pipelines.events.params import EventsParams, FunnelParams
from ml_etl.pipelines.events.scope import Scope
from ml_etl.pipelines.events.steps import SESSION, attributed, cohort_days, cohorts, reached

_NAMED = ["dimension", "value"]


def funnel(
    steps: ir.Table, changed_days: ir.Table, changed: pd.DataFrame, scope: Scope, params: EventsParams
) -> NewParts:
    """One row per window, day, dimension, value and step that is taken; a part per window and day."""
    days = cohort_days(changed, params.funnel)
    names = tuple(f"{window}-{day}" for window in days for day in sorted(days[window]))
    tables = [
        _funnel(steps, changed_days, window, span, params.funnel)
        for window in days
        for span in spans(days[window], scope.spans)
    ]
    return NewParts(tables, PART, names, scope.base)


@built_once
def _funnel(
    steps: ir.Table, changed_days: ir.Table, window: str, span: Span | None, params: FunnelParams
) -> ir.Table:
    days = cohorts(changed_days, window)
    if span:
        days = days.filter(_.day.between(*span))
        steps = steps.filter(reached(span, window))
    paths = _in_session(steps, days, params) if window == SESSION else _in_days(steps, days, window, params)
    table = shaped(_counted(paths, window, params).filter(_.reached_inferred > 0), FUNNEL)
    return table.mutate(part=table.window + ibis.literal("-") + table.day.cast("string"))


def funnel_articles(
    steps: ir.Table, changed_days: ir.Table, changed: pd.DataFrame, scope: Scope, params: EventsParams
) -> NewParts:
    """One row per article and day: the sessions that took each step with it."""
    days = cohort_days(changed, params.funnel)[SESSION]
    tables = [_funnel_articles(steps, changed_days, span, params.funnel) for span in spans(days, scope.spans)]
    return NewParts(tables, PART, tuple(sorted(days)), scope.base)


@built_once
def _funnel_articles(
    steps: ir.Table, changed_days: ir.Table, span: Span | None, params: FunnelParams
) -> ir.Table:
    days = cohorts(changed_days, SESSION)
    if span:
        days = days.filter(_.day.between(*span))
        steps = steps.filter(reached(span, SESSION))
    rows = attributed(steps, "article_id").mutate(day=_.session_day).semi_join(days, "day")
    paths = _paths(rows, ["value", "session", "day"], params)
    numbers = range(1, len(params.steps) + 1)
    counts = paths.group_by("day", article_id=_.value).aggregate(
        sessions=_.count(),
        **{f"strict_{step.name}": _[f"t{n}"].count() for n, step in zip(numbers, params.steps, strict=True)},
        **{
            f"inferred_{step.name}": _.count(where=_.furthest >= n)
            for n, step in zip(numbers, params.steps, strict=True)
        },
    )
    return shaped(counts, funnel_articles_contract(params)).mutate(part=_.day)


def _in_session(told: ir.Table, days: ir.Table, params: FunnelParams) -> ir.Table:
    """One row per session with a step: when it took each, and the furthest."""
    rows = told.mutate(day=_.session_day).semi_join(days, "day")
    return _paths(rows, [*_NAMED, "session", "day"], params)


def _in_days(told: ir.Table, days: ir.Table, window: str, params: FunnelParams) -> ir.Table:
    """One row per visitor and day with a step: what is taken within the window from that day's first step."""
    until = ibis.interval(days=int(window.removesuffix("d")))
    visitor = [*_NAMED, "visitor"]
    began = _begun(told.semi_join(days, "day"), [*visitor, "day"])
    later = told.filter(_.step > 1).select(*visitor, "at", "step").inner_join(began, visitor)
    later = later.filter((_.at >= _.start) & (_.at <= _.start + until))
    return _followed(began, later, [*visitor, "day"], params)


def _paths(rows: ir.Table, entity: list[str], params: FunnelParams) -> ir.Table:
    began = _begun(rows, entity)
    later = rows.filter(_.step > 1).select(*entity, "at", "step").inner_join(began, entity)
    return _followed(began, later, entity, params)


def _begun(rows: ir.Table, entity: list[str]) -> ir.Table:
    return rows.group_by(*entity).aggregate(start=_.at.min(), t1=_.at.min(where=_.step == 1))


def _followed(began: ir.Table, later: ir.Table, entity: list[str], params: FunnelParams) -> ir.Table:
    """Per entity `t1`, `t2`, … of the strict path, and the `furthest` step inferred."""
    each, numbers = ibis.window(group_by=entity), range(2, len(params.steps) + 1)
    for n in numbers:
        takes = (_.step == n) & (_.at >= _[f"t{n - 1}"])
        later = later.mutate(**{f"t{n}": _.at.min(where=takes).over(each)})
    ends = later.group_by(*entity).aggregate(
        furthest=_.step.max(), **{f"t{n}": _[f"t{n}"].min() for n in numbers}
    )
    paths = began.left_join(ends, entity)
    return paths.select(*entity, "t1", *(f"t{n}" for n in numbers), furthest=paths.furthest.fill_null(1))


def _counted(paths: ir.Table, window: str, params: FunnelParams) -> ir.Table:
    """One row per day, dimension, value and step."""
    names = [step.name for step in params.steps]
    numbers = range(1, len(names) + 1)
    took = {n: seconds(_[f"t{n}"]) - seconds(_[f"t{n - 1}"]) for n in numbers if n > 1}
    wide = paths.group_by(*_NAMED, "day").aggregate(
        **{f"strict_{n}": _[f"t{n}"].count() for n in numbers},
        **{f"inferred_{n}": _.count(where=_.furthest >= n) for n in numbers},
        **{f"sum_{n}": value.sum() for n, value in took.items()},
        **{f"median_{n}": value.quantile(0.5) for n, value in took.items()},
    )
    long = wide.mutate(step_number=ibis.range(1, len(names) + 1).unnest())
    long = long.mutate(step_number=_.step_number.cast("int64"))

    def of_step(kind: str, shift: int = 0) -> ir.Value:
        """The step's number of that kind; null where there is none."""
        at = [(long.step_number == n, f"{kind}_{n + shift}") for n in numbers]
        found = [(step, long[name]) for step, name in at if name in long.columns]
        return ibis.cases(*found, else_=ibis.null(found[0][1].type()))

    strict, inferred = of_step("strict"), of_step("inferred")
    return long.select(
        *_NAMED,
        "day",
        "step_number",
        window=ibis.literal(window),
        step=ibis.cases(*((long.step_number == n, name) for n, name in zip(numbers, names, strict=True))),
        reached_strict=strict,
        reached_inferred=inferred,
        drop_off_strict=1 - of_step("strict", 1) / strict.nullif(0),
        drop_off_inferred=1 - of_step("inferred", 1) / inferred.nullif(0),
        mean_step_s=of_step("sum") / strict.nullif(0),
        median_step_s=of_step("median"),
    )
