"""Rejected rows are kept as texts, and come back as they were."""

import datetime as dt
import math
from typing import Any

import ibis
import pyarrow as pa

from ml_etl.contracts import SOURCE
from ml_etl.pipelines.events.rejected import as_texts, from_texts

EVENT = dict.fromkeys((column.name for column in SOURCE["events"].columns), None)
MOMENT = dt.datetime(2020, 2, 29, 23, 59, 59, 999_999)
ODD: list[dict[str, Any]] = [
    EVENT,
    EVENT | {"event_id": "", "visitor_id": " v\n", "event_type": "∅, 'x'", "simulated": False},
    EVENT | {"price": 0.1 + 0.2, "quantity": -1.5, "created_at": MOMENT, "simulated": True},
    EVENT | {"price": 5e-324, "quantity": math.inf, "ingested_at": dt.datetime(1, 1, 1)},
    EVENT | {"price": math.inf, "created_at": dt.datetime(9999, 12, 31, 23, 59, 59, 1)},
    EVENT | {"price": -1.7976931348623157e308, "created_at": dt.datetime(1969, 12, 31, 23, 59, 59, 500_000)},
    EVENT | {"price": math.nan},
]
_TYPES = {"string": pa.string(), "int64": pa.int64(), "float64": pa.float64(), "boolean": pa.bool_()}


def rows() -> pa.Table:
    """The odd rows, numbered."""
    types = [(c.name, _TYPES.get(c.type, pa.timestamp("us"))) for c in SOURCE["events"].columns]
    numbered = [{"n": n, **row} for n, row in enumerate(ODD)]
    return pa.Table.from_pylist(numbered, schema=pa.schema([("n", pa.int64()), *types]))


def kept(table: ibis.Table) -> ibis.Table:
    """The rows by way of their texts."""
    packed = table.select("n", row=ibis.struct({name: table[name] for name in EVENT}))
    texts = packed.select("n", texts=as_texts(packed.row))
    return texts.select("n", **from_texts(texts.texts)).order_by("n")


def same(found: list[dict[str, Any]]) -> bool:
    """Whether they are the odd rows; not a number equals itself here."""
    return repr(found) == repr([{"n": n, **row} for n, row in enumerate(ODD)])


def test_every_value_comes_back() -> None:
    connection = ibis.duckdb.connect()
    connection.raw_sql("SET TimeZone = 'UTC'")
    assert same(connection.to_pyarrow(kept(ibis.memtable(rows()))).to_pylist())
