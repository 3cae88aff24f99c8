"""Spark behind Ibis: it computes; what it found is written as files by the process that asked.

One way out: Spark writes a result as sorted Parquet parts into the scratch folder, and DuckDB makes one file
of them, row by row, so that every file of the project has one form. The data folder is a path that the driver
and all executors see alike.
"""

import contextlib
import itertools
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from ml_etl.engine.duckdb import DuckDBEngine
from ml_etl.errors import EtlError, SchemaDrift, SourceUnreachable, UsageError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_ALWAYS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",  # moments are UTC without saying so, as in our files
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.caseSensitive": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",  # else a difference loses its last digit
}
_USUAL = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.execution.arrow.pyspark.enabled": "true",  # rows in memory come in without executors' Python
}
_LOCAL = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "8",
}
"""Within this machine nothing listens to the network, and small tables stay in few parts."""

_READ_BY_SPARK = "v1"
"""The version of Parquet in which scratch files come back: of v2 Spark lacks an encoding of doubles."""

_ESCAPES = re.compile(r"(?<!\\)((?:\\\\)*)\\([fv])")
_CODES = {"f": "000C", "v": "000B"}


@ibis.udf.scalar.builtin(signature=(("string",), "timestamp('UTC')"))
def to_timestamp_ltz(text):  # type: ignore[no-untyped-def]
    """Spark's own; a cast makes a moment without a zone, whatever offset the text has."""


class SparkEngine:
    """What the catalog needs of an engine, by Spark; the same names as DuckDBEngine's."""

    def __init__(self, files: DuckDBEngine, master: str, options: Mapping[str, str]):
        self.files, self.scratch = files, files.scratch
        self.session = _session(master, options)
        self.connection = ibis.pyspark.connect(self.session)

    def read_parquet(self, *paths: Path) -> ir.Table:
        found = [sorted(path.parent.glob(path.name)) if "*" in path.name else [path] for path in paths]
        paths = tuple(itertools.chain.from_iterable(found))
        with _told():
            frame = self.session.read.option("mergeSchema", str(len(paths) > 1)).parquet(*map(_uri, paths))
        return self._table(frame)

    def read_csv(self, path: Path, schema: Mapping[str, ibis.DataType]) -> ir.Table:
        """A CSV file whose columns of `schema` are read as that type, the others as text."""
        texts = self._table(self.session.read.csv(_uri(path), header=True))
        return texts.mutate(**{name: self.typed_text(texts[name], dtype) for name, dtype in schema.items()})

    @staticmethod
    def typed_text(text: ir.StringValue, dtype: ibis.DataType) -> ir.Value:
        """What a text names: numbers as doubles; moments as UTC ones, told by the offset they come with."""
        if dtype.is_timestamp():
            return to_timestamp_ltz(text).cast("timestamp")
        return text.cast("float64" if dtype.is_numeric() else dtype)

    def read_json(self, path: Path, schema: Mapping[str, str]) -> ir.Table:
        """A file with a JSON object per line; fields outside the schema are not read."""
        from ibis.backends.pyspark.datatypes import PySparkSchema

        form = PySparkSchema.from_ibis(ibis.schema(schema))
        return self._table(self.session.read.schema(form).json(_uri(path)))

    def write_parquet(
        self,
        table: ir.Table,
        path: Path,
        sort_by: Sequence[str] = (),
        unwritten: Sequence[str] = (),
    ) -> None:
        """Write the table in the order of `sort_by`, without the columns `unwritten`."""
        with self._computed(table, sort_by) as rows:
            self.files.write_parquet(rows, path, unwritten=unwritten)

    def write_scratch(self, table: ir.Table, path: Path, unwritten: Sequence[str] = ()) -> None:
        """Write the table, without the columns `unwritten`, for this run alone."""
        with self._computed(table) as rows:
            self.files.write_scratch(rows, path, unwritten, _READ_BY_SPARK)

    def write_divided(self, table: ir.Table, folder: Path, by: str, unwritten: Sequence[str] = ()) -> None:
        """The same into the new `folder`, files for each value of `by` (few)."""
        with self._computed(table) as rows:
            self.files.write_divided(rows, folder, by, unwritten, _READ_BY_SPARK)

    def write_csv(self, table: ir.Table, path: Path, sort_by: Sequence[str] = ()) -> None:
        with self._computed(table, sort_by) as rows:
            self.files.write_csv(rows, path)

    def batches(
        self, table: ir.Table, sort_by: Sequence[str] = (), rows: int = 122_880
    ) -> Iterator[pa.RecordBatch]:
        """The table's rows in order, as they come: never all of them in the driver's memory."""
        with self._computed(table, sort_by) as found:
            yield from self.files.batches(found, rows=rows)

    def keys(self, table: ir.Table, column: str) -> Iterator[pa.RecordBatch]:
        """The table, `column` (text) replaced by 64 bits of its MD5 as uint64 `key`: the same everywhere."""
        with self._computed(table) as found:
            yield from self.files.keys(found, column)

    @contextlib.contextmanager
    def streamed(self, batches: pa.RecordBatchReader) -> Iterator[tuple[ir.Table, list[Exception]]]:
        """A lazy table over batches, which are stored first; what stopped them, if anything, is raised."""
        folder = self._folder()
        try:
            with pq.ParquetWriter(folder / "rows.parquet", batches.schema, compression="lz4") as writer:
                for batch in batches:
                    writer.write_batch(batch)
            yield self.read_parquet(folder / "rows.parquet"), []
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def table_of(self, rows: pa.Table) -> ir.Table:
        """A table of rows in memory, by way of a scratch file that stays until the process ends."""
        path = self.scratch / f"{uuid.uuid4().hex}.parquet"
        pq.write_table(rows, path, compression="lz4")
        return self.read_parquet(path)

    def collect(self, table: ir.Table) -> pa.Table:
        with self._computed(table) as rows:
            return self.files.collect(rows)

    def first_row(self, table: ir.Table) -> dict[str, Any]:
        return self.collect(table.limit(1)).to_pylist()[0]

    def rows(self, table: ir.Table) -> int:
        return self._frame(table).count()

    def checksum(self, table: ir.Table) -> tuple[int, str]:
        """Rows and the sum of the rows' hashes: equal for equal rows in any order, repetitions counted."""
        from pyspark.sql import functions as f

        frame = self._frame(table)
        # The hash passes nulls by: whether there is one is hashed beside the value.
        told = [part for name in frame.columns for part in (frame[f"`{name}`"], frame[f"`{name}`"].isNull())]
        row = frame.select(f.xxhash64(*told).cast("decimal(38, 0)").alias("hash"))
        (sums,) = row.agg(f.count(f.lit(1)).alias("rows"), f.sum("hash").alias("hash")).collect()
        return sums["rows"], str(sums["hash"])

    @contextlib.contextmanager
    def _computed(self, table: ir.Table, sort_by: Sequence[str] = ()) -> Iterator[ir.Table]:
        """The table computed, in order, as the driver's engine reads it; its parts go afterwards."""
        folder = self._folder()
        try:
            frame = self._frame(table)
            if sort_by:
                frame = frame.orderBy(*(frame[f"`{name}`"].asc_nulls_last() for name in sort_by))
            with _told():
                frame.write.parquet(_uri(folder), mode="overwrite", compression="lz4_raw")
            rows = self.files.read_parquet(*sorted(folder.glob("part-*.parquet")))
            yield rows.cast(table.schema())
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _frame(self, table: ir.Table) -> "DataFrame":
        self.connection._run_pre_execute_hooks(table)
        return self.session.sql(_unescaped(self.connection.compile(table)))

    def _table(self, frame: "DataFrame") -> ir.Table:
        name = f"file_{uuid.uuid4().hex}"
        frame.createOrReplaceTempView(name)
        table = self.connection.table(name)
        moments = {name: "timestamp(6)" for name, dtype in table.schema().items() if dtype.is_timestamp()}
        return table.cast(moments)  # Spark's are of microseconds and don't say so

    def _folder(self) -> Path:
        folder = self.scratch / uuid.uuid4().hex
        folder.mkdir()
        return folder


def _session(master: str, options: Mapping[str, str]) -> "SparkSession":
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise UsageError(
            "Spark is not installed: pip install 'ml_etl[spark]', which needs Java 17."
        ) from error
    builder = SparkSession.builder.appName("ml_etl").master(master)
    usual = _USUAL | (_LOCAL if master.startswith("local") else {})
    for name, value in {**usual, **options, **_ALWAYS}.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except Exception as error:
        raise UsageError(
            f"Spark at {master} does not start: {str(error).splitlines()[0]}. Java 17 must be installed "
            f"(java -version), and engine.master and engine.options be right."
        ) from error


_UNREADABLE = ("PATH_NOT_FOUND", "FAILED_READ_FILE", "UNABLE_TO_INFER_SCHEMA")
_NOT_THAT_TYPE = ("CAST_INVALID_INPUT", "CAST_OVERFLOW", "NUMERIC_VALUE_OUT_OF_RANGE", "CANNOT_PARSE")


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Turn Spark's errors into ones of a kind, with the first line of what it says."""
    from pyspark.errors import PySparkException

    try:
        yield
    except PySparkException as error:
        kind, said = error.getCondition() or "", str(error).strip().splitlines()[0]
        if kind.startswith(_UNREADABLE):
            raise SourceUnreachable(f"Spark can't read: {said}") from error
        if kind.startswith(_NOT_THAT_TYPE):
            raise SchemaDrift(f"A column holds another type: {said}") from error
        raise EtlError(f"Spark failed: {said}") from error


def _unescaped(query: str) -> str:
    r"""The query with \f and \v in texts as Spark reads them; it takes those two for the letters f and v."""
    return _ESCAPES.sub(lambda found: f"{found[1]}\\u{_CODES[found[2]]}", query)


def _uri(path: Path) -> str:
    return path.resolve().as_uri()
