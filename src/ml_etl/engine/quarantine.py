"""Rejected rows, kept by run with the rule that rejected them."""

from typing import Any

import ibis.expr.types as ir
from kedro.io import AbstractDataset
from kedro.io.core import Version

from ml_etl.engine.config import engine_of
from ml_etl.engine.faults import faults
from ml_etl.files import whole
from ml_etl.layout import Layout


class QuarantineTable(AbstractDataset[ir.Table, ir.Table]):
    """One Parquet file per run and table below the quarantine folder."""

    versioned = True

    def __init__(
        self,
        table: str,
        layout: dict[str, str],
        engine: dict[str, Any],
        version: Version,
        metadata: dict | None = None,
    ):
        self._layout = Layout.of(**layout)
        self._engine = engine
        self._version = version
        self._table = table
        self.metadata = metadata

    @property
    def _path(self) -> Any:
        return self._layout.quarantine / (self._version.load or self._version.save) / f"{self._table}.parquet"

    def save(self, data: ir.Table) -> None:
        with faults(f"quarantine of {self._table}", writes=True), whole(self._path) as beside:
            engine_of(self._engine, self._layout).write_parquet(data, beside)

    def load(self) -> ir.Table:
        return engine_of(self._engine, self._layout).read_parquet(self._path)

    def _exists(self) -> bool:
        return bool(self._path.exists())

    def _describe(self) -> dict[str, Any]:
        return {"path": str(self._path)}
