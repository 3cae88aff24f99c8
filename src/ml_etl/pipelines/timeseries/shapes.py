"""Arrow schemas of the tables that are made outside the lazy world."""

import math
from typing import Any

import pyarrow as pa

_KEYS = {"level": pa.string(), "unique_id": pa.string()}
_ERRORS = {
    name: pa.float64()
    for name in ("mase", "rmsse", "wape", "bias", "pinball", "mae", "covered_80", "covered_95")
}
FORECASTS = pa.schema(
    {
        **_KEYS,
        "ds": pa.date32(),
        "horizon": pa.int64(),
        "model": pa.string(),
        "is_chosen": pa.bool_(),
        **{name: pa.float64() for name in ("mean", "lo_80", "hi_80", "lo_95", "hi_95")},
    }.items()
)
BACKTEST = pa.schema(
    {**_KEYS, "model": pa.string(), "origins": pa.int64(), "is_chosen": pa.bool_(), **_ERRORS}.items()
)
MODELS = pa.schema(
    {
        **_KEYS,
        "status": pa.string(),
        "model": pa.string(),
        "reason": pa.string(),
        "days": pa.int64(),
        "origins": pa.int64(),
        **_ERRORS,
    }.items()
)
SEASONALITY = pa.schema(
    {
        **_KEYS,
        "season": pa.string(),
        "position": pa.int64(),
        "index": pa.float64(),
        "strength": pa.float64(),
    }.items()
)


def table_of(rows: list[dict[str, Any]], schema: pa.Schema, digits: int) -> pa.Table:
    """Rows as a table: NaN is null, numbers are rounded to `digits` significant ones."""
    names = {field.name: pa.types.is_floating(field.type) for field in schema}
    plain = [{name: _plain(row.get(name), real, digits) for name, real in names.items()} for row in rows]
    return pa.Table.from_pylist(plain, schema=schema)


def _plain(value: Any, real: bool, digits: int) -> Any:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    return significant(float(value), digits) if real else value


def significant(value: float, digits: int) -> float:
    """A number to so many significant digits; 0 stays 0."""
    return float(f"{value:.{digits - 1}e}")
