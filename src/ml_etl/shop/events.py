"""The shop's clickstream: the table it has, and rows that were replayed from quarantine."""

import datetime as dt
from pathlib import Path

import ibis
import ibis.expr.types as ir

from ml_etl.contracts import SOURCE
from ml_etl.engine import Engine, engine_of
from ml_etl.layout import Layout
from ml_etl.shop.kinds import Found
from ml_etl.shop.otto import read_otto
from ml_etl.shop.table import SourceTable

WAIVED = "waived"
"""The rule a replayed row need not keep."""

_PATHS = ("folder", "events_jsonl")


def replayed(layout: Layout, customer_key: str | None) -> Path:
    """Where replayed rows are whose customers the key of that name has hashed (None: the shop's ids)."""
    return layout.replayed / customer_key if customer_key else layout.replayed


class EventSource(SourceTable):
    """The source table `events` with all its columns; those the shop lacks are null.

    `ingested_at` is created_at where the shop has no such column, and as it came else. `waived` is null but
    in replayed rows, which came in when they were replayed.
    """

    @property
    def customer_key(self) -> str | None:
        """The name of the key that customer_id is hashed with; None where it is not."""
        return self._customer_key

    @property
    def origin(self) -> dict[str, str]:
        """What tells this shop from another: its kind, and where its files lie."""
        told = {name: value for name, value in self._shop.items() if value is not None}
        return {name: str(Path(v).resolve()) if name in _PATHS else str(v) for name, v in told.items()}

    @property
    def engine(self) -> Engine:
        return engine_of(self._engine, self._layout)

    def read_again(self, since: dt.datetime) -> None:
        """Ask for all rows that came in from then (naive UTC) on, also those that showed up since."""

    def load(self) -> ir.Table:
        shop = self._complete(self._rows())
        again = sorted(replayed(self._layout, self.customer_key).glob("events-*.parquet"))
        return shop.union(self._complete(self.engine.read_parquet(*again))) if again else shop

    def _rows(self) -> ir.Table:
        """The shop's own rows."""
        return super().load()

    def _complete(self, table: ir.Table) -> ir.Table:
        columns = {c.name: c for c in SOURCE["events"].columns}
        given = {name: table[name].cast(columns[name].dtype) for name in columns if name in table.columns}
        given.setdefault("ingested_at", given["created_at"])
        lacking = {name: ibis.null(c.dtype) for name, c in columns.items() if name not in given}
        whole = {**given, **lacking}
        waived = table[WAIVED] if WAIVED in table.columns else ibis.null("string")
        return table.select(**{name: whole[name] for name in columns}, **{WAIVED: waived})

    def _read(self, engine: Engine, found: Found) -> ir.Table:
        jsonl = found.path.suffix == ".jsonl"
        return read_otto(engine, found.path) if jsonl else super()._read(engine, found)
