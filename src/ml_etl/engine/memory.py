"""Catalog types between nodes: a table kept for the run, a frame in memory, small named counts, keys."""

import shutil
import uuid
import weakref
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa
from kedro.io import AbstractDataset

from ml_etl.absent import Absent
from ml_etl.engine.config import Engine, engine_of
from ml_etl.engine.constants import constants
from ml_etl.engine.faults import faults
from ml_etl.layout import Layout
from ml_etl.parts import StoredParts
from ml_etl.selects import chosen


class Scratch(AbstractDataset[ir.Table | pa.Table, ir.Table]):
    """Takes a lazy table (or a small one in memory), runs it when first read, and gives a lazy table over
    the scratch file.

    For what several nodes read: a chain of views would be compiled and computed again for each. They are all
    given the same table. Later lazy tables read the file too, so it stays until the catalog goes with its
    run. Columns that are one literal are not written, but told again where they are read, unless the file is
    asked for `whole`. `divided_by`: a column of few values, by which the rows lie in files of their own; who
    filters by it reads no others.
    """

    _EPHEMERAL = True

    def __init__(
        self,
        engine: dict[str, Any],
        layout: dict[str, str],
        divided_by: str | None = None,
        whole: bool = False,
        metadata: dict | None = None,
    ):
        self._engine = engine
        self._layout = Layout.of(**layout)
        self._divided_by, self._whole = divided_by, whole
        self.metadata = metadata
        self._lazy: ir.Table | None = None
        self._told: dict[str, ir.Value] = {}
        self._path: Path | None = None
        self._read: ir.Table | None = None

    def save(self, data: ir.Table | pa.Table) -> None:
        engine = engine_of(self._engine, self._layout)
        self._lazy = engine.table_of(data) if isinstance(data, pa.Table) else data
        self._told = {} if self._whole else self._constants(self._lazy)
        self._path = self._read = None

    def load(self) -> ir.Table:
        if self._read is None:
            stored = engine_of(self._engine, self._layout).read_parquet(self.file())
            assert self._lazy is not None
            self._read = chosen(stored, self._lazy.columns, **self._told) if self._told else stored
        return self._read

    def file(self) -> Path:
        """The scratch file, made on first use; of a divided table the pattern of its files."""
        engine = engine_of(self._engine, self._layout)
        assert self._lazy is not None
        if self._path is None:
            with faults("scratch file"):
                self._path = self._written(engine, self._lazy, engine.scratch / uuid.uuid4().hex)
        return self._path

    def _written(self, engine: Engine, table: ir.Table, place: Path) -> Path:
        if self._divided_by:
            weakref.finalize(self, shutil.rmtree, place, ignore_errors=True)
            engine.write_divided(table, place, self._divided_by, tuple(self._told))
            return place / "*.parquet"
        path = place.with_suffix(".parquet")
        weakref.finalize(self, path.unlink, missing_ok=True)
        engine.write_scratch(table, path, tuple(self._told))
        return path

    def _constants(self, table: ir.Table) -> dict[str, ir.Value]:
        """What need not be written: a file has one column at least, which tells how many rows there are."""
        told = constants(table)
        kept = self._divided_by or next(
            (name for name in table.columns if name not in told), table.columns[0]
        )
        return {name: literal for name, literal in told.items() if name != kept}

    def _exists(self) -> bool:
        return self._lazy is not None

    def _describe(self) -> dict[str, Any]:
        return {}


class ScratchParts(AbstractDataset[list[ir.Table], StoredParts]):
    """Takes lazy tables, runs them one after the other when they are first read, and gives them as parts.

    For what is larger than memory as a whole: each table is a query of its own. `divided_by` as of Scratch.
    """

    _EPHEMERAL = True

    def __init__(
        self,
        engine: dict[str, Any],
        layout: dict[str, str],
        divided_by: str | None = None,
        metadata: dict | None = None,
    ):
        self._engine, self._layout, self._divided_by = engine, layout, divided_by
        self.metadata = metadata
        self._tables: list[Scratch] = []

    def save(self, data: list[ir.Table]) -> None:
        self._tables = []
        for table in data:
            scratch = Scratch(self._engine, self._layout, self._divided_by, whole=True)
            scratch.save(table)
            self._tables.append(scratch)

    def load(self) -> StoredParts:
        engine = engine_of(self._engine, Layout.of(**self._layout))
        files = {f"{n:05}": scratch.file() for n, scratch in enumerate(self._tables)}
        return StoredParts(files, lambda some: engine.read_parquet(*some))

    def _exists(self) -> bool:
        return bool(self._tables)

    def _describe(self) -> dict[str, Any]:
        return {}


class Frame(AbstractDataset[ir.Table | Absent, pd.DataFrame | Absent]):
    """Takes a lazy table, runs it once, and gives a pandas frame of plain columns; Absent stays Absent."""

    _EPHEMERAL = True

    def __init__(self, engine: dict[str, Any], layout: dict[str, str], metadata: dict | None = None):
        self._engine = engine
        self._layout = Layout.of(**layout)
        self.metadata = metadata
        self._frame: pd.DataFrame | Absent | None = None

    def save(self, data: ir.Table | Absent) -> None:
        lazy = not isinstance(data, Absent)
        self._frame = engine_of(self._engine, self._layout).collect(data).to_pandas() if lazy else data

    def load(self) -> pd.DataFrame | Absent:
        assert self._frame is not None
        return self._frame

    def _release(self) -> None:
        self._frame = None

    def _exists(self) -> bool:
        return self._frame is not None

    def _describe(self) -> dict[str, Any]:
        return {}


class Measures(AbstractDataset[dict[str, ir.Table], dict[str, dict[str, Any]]]):
    """Takes lazy one-row tables by name, runs each once, and gives their rows as dictionaries."""

    _EPHEMERAL = True

    def __init__(self, engine: dict[str, Any], layout: dict[str, str], metadata: dict | None = None):
        self._engine = engine
        self._layout = Layout.of(**layout)
        self.metadata = metadata
        self._rows: dict[str, dict[str, Any]] | None = None

    def save(self, data: dict[str, ir.Table]) -> None:
        engine = engine_of(self._engine, self._layout)
        self._rows = {name: engine.first_row(table) for name, table in data.items()}

    def load(self) -> dict[str, dict[str, Any]]:
        assert self._rows is not None
        return self._rows

    def _release(self) -> None:
        self._rows = None

    def _exists(self) -> bool:
        return self._rows is not None

    def _describe(self) -> dict[str, Any]:
        return {}


class Keys(AbstractDataset[ir.Table, np.ndarray]):
    """Takes a lazy table of one column of texts, runs it once, and gives their 64-bit keys (uint64)."""

    _EPHEMERAL = True

    def __init__(self, engine: dict[str, Any], layout: dict[str, str], metadata: dict | None = None):
        self._engine = engine
        self._layout = Layout.of(**layout)
        self.metadata = metadata
        self._keys: np.ndarray | None = None

    def save(self, data: ir.Table) -> None:
        batches = engine_of(self._engine, self._layout).keys(data, data.columns[0])
        found = [batch.column("key").to_numpy() for batch in batches]
        self._keys = np.concatenate(found) if found else np.empty(0, np.uint64)

    def load(self) -> np.ndarray:
        assert self._keys is not None
        return self._keys

    def _release(self) -> None:
        self._keys = None

    def _exists(self) -> bool:
        return self._keys is not None

    def _describe(self) -> dict[str, Any]:
        return {}
