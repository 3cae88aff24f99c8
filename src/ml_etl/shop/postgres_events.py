"""The clickstream of a shop in Postgres: what came in is landed, and batches read what is landed."""

import datetime as dt
from typing import Any

import ibis.expr.types as ir

from ml_etl.engine import LandedTable, again_when_cut, one_snapshot
from ml_etl.shop.events import EventSource
from ml_etl.shop.postgres import PostgresTable

_KEPT_SNAPSHOTS = 2


class PostgresEvents(EventSource):
    """As EventSource, of a table in Postgres.

    The first time a run reads it, the rows that came in since the run before, less `lookback_days`, are
    landed; all that the run reads after that is of this one moment.
    """

    def __init__(
        self,
        schema: str,
        statement_timeout_s: int,
        lookback_days: float,
        retry: dict[str, float],
        layout: dict[str, str],
        engine: dict[str, Any],
        customer_key: str | None = None,
        metadata: dict | None = None,
    ):
        super().__init__({"kind": "postgres"}, "events", layout, engine, customer_key, metadata)
        self._server = PostgresTable("events", schema, statement_timeout_s, customer_key)
        self._landed = LandedTable("events", layout, engine, lookback_days, _KEPT_SNAPSHOTS, customer_key)
        self._retry = retry
        self._is_landed = False

    def _rows(self) -> ir.Table:
        if not self._is_landed:
            for attempt in again_when_cut(**self._retry):  # type: ignore[arg-type]
                with attempt, one_snapshot():
                    self._landed.save(self._server.load())
            self._is_landed = True
        return self._landed.load()

    def read_again(self, since: dt.datetime) -> None:
        self._landed.again_from, self._is_landed = since, False

    def _describe(self) -> dict[str, Any]:
        return self._server._describe()
