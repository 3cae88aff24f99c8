"""A release against the oracle: every value of every session, every number of the funnel."""

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.clicks import oracle
from tests.clicks.place import Place


def table(place: Place, name: str) -> list[dict[str, Any]]:
    """A released table's rows."""
    manifest = place.current
    assert manifest
    files = [pq.read_table(place.releases.path / file.path) for file in manifest.artefacts[name].files]
    return pa.concat_tables(files).to_pylist()


def first_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of rows that share an event_id, the one that came in first."""
    kept: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda r: r["ingested_at"]):
        kept.setdefault(row["event_id"], row)
    return list(kept.values())


def check_sessions(
    place: Place, events: list[dict[str, Any]], clock: dt.datetime, rules: oracle.Rules
) -> int:
    """Every event is in the oracle's session, every session is as the oracle tells it; gives how many."""
    found = oracle.sessions(events, rules)
    expected = {event["event_id"]: s.key for s in found for event in s.events}
    assert {row["event_id"]: row["session_key"] for row in table(place, "events")} == expected
    came = {row["session_key"]: row for row in table(place, "sessions")}
    wanted = oracle.described(found, clock, rules)
    assert came.keys() == wanted.keys()
    for key, values in wanted.items():
        assert {name: _plain(came[key][name]) for name in values} == {
            n: _plain(v) for n, v in values.items()
        }, key
    return len(wanted)


def check_funnel(
    place: Place, events: list[dict[str, Any]], rules: oracle.Rules, categories: dict[str, str]
) -> int:
    """Every row of the funnel is the oracle's; gives how many."""
    wanted = oracle.funnel(oracle.sessions(events, rules), rules, categories)
    key = ("window", "day", "dimension", "value", "step_number")
    came = {tuple(row[name] for name in key): row for row in table(place, "funnel")}
    assert came.keys() == wanted.keys()
    for name, values in wanted.items():
        for column, value in values.items():
            assert _close(came[name][column], value), (name, column, came[name][column], value)
    return len(wanted)


def _plain(value: Any) -> Any:
    return value.normalize() if isinstance(value, Decimal) else value


def _close(came: float | None, wanted: float | None) -> bool:
    return came is wanted or (
        came is not None and wanted is not None and math.isclose(came, wanted, abs_tol=1e-12)
    )
