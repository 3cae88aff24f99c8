"""What customers will be worth: BG/NBD and Gamma-Gamma on each buyer's history."""

from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa
from ibis import _

from ml_etl.contracts import MONEY_SUM
from ml_etl.pipelines.customers import bgnbd, gamma_gamma
from ml_etl.pipelines.customers.fitting import Fit, significant
from ml_etl.pipelines.customers.params import CustomersParams, ValueParams

DAYS_AHEAD = (30, 90)
_WEEK = 7


def histories(days: ir.Table, customers: ir.Table) -> ir.Table:
    """The end of the lazy part, one row per buyer: what the two models are told.

    `repeat_count` purchase days after the first; `recency_at_days` from the first to the last,
    `observed_days` from the first to the last complete day; `repeat_value` the mean value of a repeat, null
    without one.
    """
    names = customers.select("customer_number", "customer_id")
    first = days.group_by("customer_number").aggregate(first=_.t_dat.min())
    marked = days.join(first, "customer_number").mutate(repeat=_.t_dat > _.first)
    repeats = _.repeat.sum().cast("int64")
    return (
        marked.group_by("customer_number")
        .aggregate(
            repeat_count=repeats,
            newest=_.age.min(),
            observed_days=_.age.max(),
            repeat_value=_.spent.sum(where=_.repeat).cast(MONEY_SUM).cast("float64") / repeats.nullif(0),
        )
        .join(names, "customer_number")
        .select(
            "customer_id",
            "repeat_count",
            "observed_days",
            "repeat_value",
            recency_at_days=_.observed_days - _.newest,
        )
        .order_by("customer_id")
    )


def value(
    buyers: pd.DataFrame, facts: dict[str, dict[str, Any]], params: CustomersParams
) -> tuple[pa.Table, dict[str, Any]]:
    """One row per buyer with what is expected of them, and how the models fitted.

    `buyers` comes from `histories`. Expectations are null where their model's fit is not ok; p_alive is
    null without a repeat; they are rounded to `significant_digits`.
    """
    x = buyers["repeat_count"].to_numpy(dtype=float)
    m = buyers["repeat_value"].to_numpy(dtype=float)
    weeks = buyers["recency_at_days"].to_numpy(float) / _WEEK, buyers["observed_days"].to_numpy(float) / _WEEK
    limits, digits = params.value, params.value.significant_digits
    bounds = limits.smallest_parameter, limits.largest_parameter
    refused = _refused(x, facts["purchases"]["oldest"], limits)
    drawn = _sample(len(x), limits)
    seen = x[drawn], weeks[0][drawn], weeks[1][drawn]
    back = Fit(False, refused) if refused else bgnbd.fit(*seen, bounds, digits)
    worth = _worth(x[drawn], m[drawn], refused, bounds, limits)
    columns = _columns(back, worth, x, m, weeks)
    rounded = {name: _rounded(column, digits) for name, column in columns.items()}
    given = {name: pa.array(buyers[name]) for name in ("repeat_count", "recency_at_days", "observed_days")}
    table = pa.table(
        {
            "customer_id": pa.array(buyers["customer_id"], pa.string()),
            **{name: column.cast(pa.int64()) for name, column in given.items()},
            "repeat_value": pa.array(m, from_pandas=True),
            **rounded,
            "fit_ok": pa.array([back.ok] * len(x), pa.bool_()),
            "value_fit_ok": pa.array([worth.ok] * len(x), pa.bool_()),
        }
    )
    return table, {"bg_nbd": back.described(), "gamma_gamma": worth.described(), "time_unit": "weeks"}


def _sample(buyers: int, limits: ValueParams) -> np.ndarray:
    """The rows the parameters are fitted on: all, or as many as the limit says."""
    if buyers <= limits.sample_customers:
        return np.arange(buyers)
    chance = np.random.default_rng(limits.seed)
    return np.sort(chance.choice(buyers, limits.sample_customers, replace=False))


def _refused(x: np.ndarray, oldest: int | None, params: ValueParams) -> str:
    """Why nothing is fitted; empty where there is enough to fit."""
    repeats = int((x > 0).sum())
    if repeats < params.min_repeat_customers:
        return f"{repeats} customers came back, fewer than min_repeat_customers {params.min_repeat_customers}"
    if (oldest or 0) + 1 < params.min_history_days:
        return f"{(oldest or 0) + 1} days of history, fewer than min_history_days {params.min_history_days}"
    return ""


def _worth(
    x: np.ndarray, m: np.ndarray, refused: str, bounds: tuple[float, float], params: ValueParams
) -> Fit:
    paying = int(((x > 0) & (m > 0)).sum())
    if not refused and paying < params.min_repeat_customers:
        refused = f"{paying} customers came back and paid, fewer than {params.min_repeat_customers}"
    return Fit(False, refused) if refused else gamma_gamma.fit(x, m, bounds, params.significant_digits)


def _columns(
    back: Fit, worth: Fit, x: np.ndarray, m: np.ndarray, weeks: tuple[np.ndarray, np.ndarray]
) -> dict[str, np.ndarray]:
    unknown = np.full(len(x), np.nan)
    expected = {
        f"expected_purchases_{days}d": bgnbd.expected_purchases(back.parameters, days / _WEEK, x, *weeks)
        if back.ok
        else unknown
        for days in DAYS_AHEAD
    }
    price = gamma_gamma.expected_value(worth.parameters, x, m) if worth.ok else unknown
    return {
        **expected,
        "p_alive": bgnbd.p_alive(back.parameters, x, *weeks) if back.ok else unknown,
        "expected_purchase_value": price,
        **{f"expected_value_{days}d": expected[f"expected_purchases_{days}d"] * price for days in DAYS_AHEAD},
    }


def _rounded(column: np.ndarray, digits: int) -> pa.Array:
    """Rounded, and null where there is no number."""
    return pa.array(significant(column, digits), pa.float64(), from_pandas=True)
