"""The clickstream of a shop in Postgres: what is new of it is landed when it is read."""

from typing import Any

import ibis.expr.types as ir
from kedro.io import AbstractDataset

from ml_etl.engine import Engine, LandedTable, again_when_cut, one_snapshot
from ml_etl.errors import SourceUnreachable
from ml_etl.layout import Layout
from ml_etl.shop.events import with_replayed
from ml_etl.shop.postgres import PostgresTable

_HOURS_PER_DAY = 24


class PostgresEvents(AbstractDataset[None, ir.Table]):
    """The source table `events`, lazily, over what is landed of it.

    The first load of a process lands the rows that came in since the last one, and those of `lookback_hours`
    before: a transaction may be seen later than one that began after it. It begins again where the connection
    is cut, as `landing` says: {tries, first_pause_s}.

    Raises:
        SourceUnreachable, SchemaDrift, UsageError: as PostgresTable says.
    """

    def __init__(
        self,
        schema: str,
        statement_timeout_s: int,
        lookback_hours: float,
        landing: dict[str, Any],
        layout: dict[str, str],
        engine: dict[str, Any],
        customer_key: str | None = None,
        metadata: dict | None = None,
    ):
        self._rows = PostgresTable("events", schema, statement_timeout_s, customer_key)
        lookback_days = lookback_hours / _HOURS_PER_DAY
        self._landed = LandedTable("events", layout, engine, lookback_days, 1, customer_key)
        self._landing = landing
        self._is_landed = False
        self._layout = Layout.of(**layout)
        self.metadata = metadata

    @property
    def engine(self) -> Engine:
        return self._landed.engine

    def load(self) -> ir.Table:
        if not self._is_landed:
            self._land()
        return with_replayed(self._landed.load(), self.engine, self._layout)

    def save(self, data: None) -> None:
        raise SourceUnreachable("A shop is only read, never written.")

    def _land(self) -> None:
        for attempt in again_when_cut(**self._landing):
            with attempt, one_snapshot():
                self._landed.save(self._rows.load())
        self._is_landed = True

    def _describe(self) -> dict[str, Any]:
        return {"shop": "postgres", "table": "events"}
