"""DuckDB behind Ibis: one in-memory database per process, over Parquet."""

import atexit
import contextlib
import functools
import json
import os
import shutil
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa
import sqlglot.expressions as sge

from ml_etl.engine.faults import faults
from ml_etl.engine.kept_parts import only_chooses
from ml_etl.processes import alive

_CSV_TYPES = {dt.String: "VARCHAR", dt.Date: "DATE", dt.Timestamp: "VARCHAR", dt.Boolean: "BOOLEAN"}

# At the usual level 3 files take a fifth longer to write, and between 2 % less and 7 % more room.
_KEPT = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1"

# A dictionary of more values costs more than it saves in files that are read a few times.
_SCRATCH = "FORMAT parquet, COMPRESSION lz4, DICTIONARY_SIZE_LIMIT 1000"


class DuckDBEngine:
    """What the catalog needs of an engine: read lazily, write sorted, collect, compare."""

    def __init__(self, memory_limit: str, threads: int | None, spill_folder: str):
        settings = {"memory_limit": memory_limit, "temp_directory": spill_folder}
        if threads:
            settings["threads"] = str(threads)
        self.connection = ibis.duckdb.connect(
            autoinstall_known_extensions="false",  # an extension would be fetched from the network
            **settings,
        )
        self.connection.raw_sql("SET TimeZone = 'UTC'")
        self.connection.raw_sql("SET parquet_metadata_cache = true")  # tables in parts have many files
        self.connection.raw_sql("SET partitioned_write_flush_threshold = 122880")  # rows of all files
        # Fused, a chain of mutates repeats an expression wherever its column is used. Apart, it is computed
        # once, and compiles faster.
        ibis.options.sql.fuse_selects = False
        self.scratch = Path(spill_folder)

    def read_parquet(self, *paths: Path) -> ir.Table:
        return self.connection.read_parquet([str(path) for path in paths], union_by_name=True)

    def read_csv(self, path: Path, schema: dict[str, ibis.DataType]) -> ir.Table:
        """A CSV file whose columns of `schema` are read as that type, the others as text.

        Numbers are read as doubles, since files write 2 and 2.0 alike; moments of ISO 8601 by their
        offsets, if any.
        """
        types = {name: _CSV_TYPES.get(type(dtype), "DOUBLE") for name, dtype in schema.items()}
        table = self.connection.read_csv(str(path), header=True, **({"types": types} if types else {}))
        moments = [name for name, dtype in schema.items() if dtype.is_timestamp()]
        return table.mutate(**{name: self.typed_text(table[name], schema[name]) for name in moments})

    @staticmethod
    def typed_text(text: ir.StringValue, dtype: ibis.DataType) -> ir.Value:
        """What a text names: numbers as doubles; moments as UTC ones, told by the offset they come with.

        Read as a moment without a zone, a text would lose its offset unsaid.
        """
        if dtype.is_timestamp():
            return text.cast("timestamp('UTC')").cast("timestamp")
        return text.cast("float64" if dtype.is_numeric() else dtype)

    def read_json(self, path: Path, schema: dict[str, str]) -> ir.Table:
        """A file with a JSON object per line; fields outside the schema are not read."""
        columns = {name: ibis.dtype(dtype) for name, dtype in schema.items()}
        to_text = self.connection.compiler.type_mapper.to_string
        return self.connection.read_json(
            str(path),
            columns={name: to_text(dtype) for name, dtype in columns.items()},
            format="newline_delimited",
        )

    def write_parquet(
        self,
        table: ir.Table,
        path: Path,
        sort_by: Sequence[str] = (),
        unwritten: Sequence[str] = (),
    ) -> None:
        """Write the table in the order of `sort_by`, without the columns `unwritten`."""
        self._copy(self._query(table, sort_by, unwritten), f"TO '{_quoted(path)}' ({_KEPT})")

    def write_scratch(
        self, table: ir.Table, path: Path, unwritten: Sequence[str] = (), version: str = "v2"
    ) -> None:
        """Write the table, without the columns `unwritten`, for this run alone.

        `version` of the format: v2 is smaller and quicker to read.
        """
        query = self._query(table, unwritten=unwritten)
        self._copy(query, f"TO '{_quoted(path)}' ({_SCRATCH}, PARQUET_VERSION {version})")

    def write_divided(
        self, table: ir.Table, folder: Path, by: str, unwritten: Sequence[str] = (), version: str = "v2"
    ) -> None:
        """The same in no order into the new `folder`, files for each value of `by` (few, or memory goes): who
        filters by that column reads those alone, as the files' extremes tell."""
        divided = f'{_SCRATCH}, PARQUET_VERSION {version}, PARTITION_BY ("{by}"), WRITE_PARTITION_COLUMNS'
        self._copy(self._query(table, unwritten=unwritten), f"TO '{_quoted(folder)}' ({divided})")
        files = sorted(folder.glob("*/*.parquet"))
        for number, file in enumerate(files):
            file.rename(folder / f"{number:05}.parquet")
        for left in {file.parent for file in files}:
            left.rmdir()
        if not files:
            self.write_scratch(table.limit(0), folder / "none.parquet", unwritten, version)

    def write_csv(self, table: ir.Table, path: Path, sort_by: Sequence[str] = ()) -> None:
        self._copy(self._query(table, sort_by), f"TO '{_quoted(path)}' (FORMAT csv, HEADER)")

    def _copy(self, query: str, target: str) -> None:
        self.connection.raw_sql(f"COPY ({query}) {target}")

    def batches(
        self, table: ir.Table, sort_by: Sequence[str] = (), rows: int = 122_880
    ) -> pa.RecordBatchReader:
        """The table's rows in order, as they come: never all of them in memory."""
        return self.connection.raw_sql(self._query(table, sort_by)).to_arrow_reader(rows)

    def keys(self, table: ir.Table, column: str) -> pa.Table:
        """The table, `column` (text) replaced by 64 bits of its MD5 as uint64 `key`: the same everywhere."""
        others = [name for name in table.columns if name != column]
        query = self._query(table.select(*others, __text=table[column]))
        names = ", ".join(f'"{name}"' for name in others)
        return self.connection.raw_sql(
            f"SELECT md5_number_lower(__text) AS key{', ' * bool(names)}{names} FROM ({query})"
        ).to_arrow_reader(1_000_000)

    def _query(self, table: ir.Table, sort_by: Sequence[str] = (), unwritten: Sequence[str] = ()) -> str:
        """SQL of the table with exactly the types it declares.

        Ibis calls a sum of int64 an int64, DuckDB makes it a HUGEINT, and Parquet has none: without the
        casts such a column would be written as a double.
        """
        casts = [
            sge.cast(
                sge.to_identifier(name, quoted=True), self.connection.compiler.type_mapper.from_ibis(dtype)
            ).as_(name, quoted=True)
            for name, dtype in table.schema().items()
            if name not in unwritten
        ]
        rows = self.connection.compiler.to_sqlglot(table)
        for part in rows.ctes:
            if only_chooses(part.this):
                part.set("materialized", False)
        query = sge.select(*casts, copy=False).from_(rows.subquery("t", copy=False))
        if sort_by:
            query = query.order_by(*(sge.to_identifier(name, quoted=True) for name in sort_by), copy=False)
        self.connection._run_pre_execute_hooks(table)  # registers in-memory tables, as to_parquet does
        return query.sql("duckdb", copy=False)

    @contextlib.contextmanager
    def streamed(self, batches: pa.RecordBatchReader) -> Iterator[tuple[ir.Table, list[Exception]]]:
        """A lazy table over batches as they come, which can be run once; and what stopped them, if anything.

        The engine itself would tell of a broken stream only that it broke. Rows are stored in no order, so
        that no batch waits in memory for another.
        """
        failed: list[Exception] = []

        def watched() -> Iterator[pa.RecordBatch]:
            try:
                yield from batches
            except Exception as error:
                failed.append(error)
                raise

        name = f"stream_{uuid.uuid4().hex[:12]}"
        self.connection.con.register(name, pa.RecordBatchReader.from_batches(batches.schema, watched()))
        self.connection.raw_sql("SET preserve_insertion_order = false")
        try:
            yield self.connection.table(name), failed
        finally:
            self.connection.raw_sql("SET preserve_insertion_order = true")
            self.connection.con.unregister(name)

    def table_of(self, rows: pa.Table) -> ir.Table:
        """An in-memory table."""
        return ibis.memtable(rows)

    def collect(self, table: ir.Table) -> pa.Table:
        return self.connection.to_pyarrow(table)

    def first_row(self, table: ir.Table) -> dict[str, Any]:
        return self.collect(table.limit(1)).to_pylist()[0]

    def rows(self, table: ir.Table) -> int:
        return int(self.first_row(table.aggregate(rows=table.count()))["rows"])

    def checksum(self, table: ir.Table) -> tuple[int, str]:
        """Rows and the sum of the rows' hashes: equal for equal rows in any order, repetitions counted."""
        row = ibis.struct({name: table[name] for name in table.columns})
        total = row.hash().cast("decimal(38, 0)").sum()
        sums = self.first_row(table.aggregate(rows=table.count(), hash=total))
        return sums["rows"], str(sums["hash"])


@functools.cache
def _connect(settings: str) -> DuckDBEngine:
    return DuckDBEngine(**json.loads(settings))


def connect(memory_limit: str, threads: int | str | None, spill_folder: Path) -> DuckDBEngine:
    """The process's engine for these settings."""
    settings = {
        "memory_limit": memory_limit,
        "threads": int(threads) if threads else None,
        "spill_folder": str(_own(spill_folder)),
    }
    return _connect(json.dumps(settings))


def _own(spill_folder: Path) -> Path:
    """This process's folder for spilled and scratch files; those of processes that are gone are removed."""
    own = spill_folder / str(os.getpid())
    if not own.is_dir():
        with faults(f"spill folder {spill_folder}", writes=True):
            for left in spill_folder.glob("[0-9]*"):
                if not alive(int(left.name)):
                    shutil.rmtree(left, ignore_errors=True)
            own.mkdir(parents=True, exist_ok=True)
        atexit.register(shutil.rmtree, own, ignore_errors=True)
    return own


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
