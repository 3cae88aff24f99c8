"""What Spark's engine says, reads and writes, beside DuckDB's."""

import datetime as dt
import json
import sys
from decimal import Decimal
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ml_etl.contracts.rows import to_json
from ml_etl.engine.constants import constants
from ml_etl.engine.duckdb import DuckDBEngine
from ml_etl.engine.spark import SparkEngine
from ml_etl.errors import SchemaDrift, SourceUnreachable
from ml_etl.selects import chosen
from tests.clicks import test_rejected as rejected
from tests.conftest import Data
from tests.spark import needs_java


def test_spark_without_java_is_one_clear_line(data: Data) -> None:
    nowhere = {"JAVA_HOME": "/nowhere", "PATH": str(Path(sys.executable).parent)}
    run = data.kedro("run", "--env", "spark", "--pipelines", "landing", **nowhere)
    assert run.returncode == 2
    assert "Java 17 must be installed" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> tuple[DuckDBEngine, SparkEngine]:
    files = DuckDBEngine("1GB", 1, str(tmp_path_factory.mktemp("scratch")))
    return files, SparkEngine(files, "local[1]", {})


@needs_java
@pytest.mark.slow
def test_texts_are_trimmed_as_duckdb_trims_them(engines: tuple[DuckDBEngine, SparkEngine]) -> None:
    """Ibis writes the white space to trim with escapes, of which Spark reads two as the letters f and v."""
    rows = pa.table({"text": ["Scarf \f", "\vv love. ", "  f", None, "\\f"]})
    found = []
    for engine in engines:
        table = engine.table_of(rows)
        found.append(engine.collect(table.select(trimmed=table.text.strip()))["trimmed"].to_pylist())
    assert found[0] == found[1] == ["Scarf", "v love.", "f", None, "\\f"]


@needs_java
@pytest.mark.slow
def test_a_table_is_sorted_by_what_is_not_written(
    engines: tuple[DuckDBEngine, SparkEngine], tmp_path: Path
) -> None:
    rows = pa.table({"id": ["b", "c", "a"], "number": [1, 2, 0], "n": [20, 30, 10]})
    for name, engine in zip(("duckdb", "spark"), engines, strict=True):
        path = tmp_path / f"{name}.parquet"
        engine.write_parquet(engine.table_of(rows), path, ["number"], unwritten=["number"])
        assert pq.read_table(path).to_pydict() == {"id": ["a", "b", "c"], "n": [10, 20, 30]}


@needs_java
@pytest.mark.slow
def test_a_row_becomes_json(engines: tuple[DuckDBEngine, SparkEngine]) -> None:
    """Spark leaves out what is null."""
    rows = pa.table({"id": ["a", 'b"'], "price": [1.5, None]})
    for engine in engines:
        table = engine.table_of(rows)
        packed = table.select(row=ibis.struct({"id": table.id, "price": table.price}))
        found = engine.collect(packed.select(row=to_json(packed.row)))["row"].to_pylist()
        told = [{"price": None, **json.loads(row)} for row in found]
        assert told == [{"id": "a", "price": 1.5}, {"id": 'b"', "price": None}]


@needs_java
@pytest.mark.slow
def test_rejected_rows_come_back_as_they_were(engines: tuple[DuckDBEngine, SparkEngine]) -> None:
    for engine in engines:
        assert rejected.same(engine.collect(rejected.kept(engine.table_of(rejected.rows()))).to_pylist())


@needs_java
@pytest.mark.slow
def test_scratch_files_are_read_by_the_engine_that_wrote_them(
    engines: tuple[DuckDBEngine, SparkEngine], tmp_path: Path
) -> None:
    """Many distinct values of each kind: few would be written as a dictionary, which all read."""
    many = range(5000)
    rows = pa.table(
        {
            "n": list(many),
            "price": [n / 7 for n in many],
            "money": [Decimal(n) / 1000 for n in many],
            "text": [f"{n:x}" for n in many],
            "at": [dt.datetime(2020, 1, 1) + n * dt.timedelta(seconds=1.7) for n in many],
            "is_even": [n % 2 == 0 for n in many],
        }
    )
    for name, engine in zip(("duckdb", "spark"), engines, strict=True):
        engine.write_scratch(engine.table_of(rows), tmp_path / f"{name}.parquet")
        engine.write_divided(engine.table_of(rows), tmp_path / name, "is_even")
        for place in (tmp_path / f"{name}.parquet", tmp_path / name / "*.parquet"):
            found = engine.collect(engine.read_parquet(place).order_by("n"))
            assert found.to_pylist() == rows.to_pylist()


@needs_java
@pytest.mark.slow
def test_what_spark_says_is_an_error_of_a_kind(
    engines: tuple[DuckDBEngine, SparkEngine], tmp_path: Path
) -> None:
    spark = engines[1]
    prices = spark.table_of(pa.table({"price": ["1.5", "dear"]}))
    with pytest.raises(SchemaDrift, match="dear"):
        spark.collect(prices.select(price=prices.price.cast("float64")))
    with pytest.raises(SourceUnreachable, match="nothing"):
        spark.read_parquet(tmp_path / "nothing.parquet")


@needs_java
@pytest.mark.slow
def test_constants_of_scratch_tables_are_told_again(
    engines: tuple[DuckDBEngine, SparkEngine], tmp_path: Path
) -> None:
    for name, engine in zip(("duckdb", "spark"), engines, strict=True):
        told = engine.table_of(pa.table({"n": [1, 2]})).mutate(
            day=ibis.null("string").cast("date"), at=ibis.null("timestamp"), yes=ibis.literal(True)
        )
        path = tmp_path / f"{name}.parquet"
        engine.write_scratch(told, path, tuple(constants(told)))
        assert pq.read_schema(path).names == ["n"]
        read = chosen(engine.read_parquet(path), told.columns, **constants(told))
        assert engine.collect(read.order_by("n")).equals(engine.collect(told.order_by("n")))


@needs_java
@pytest.mark.slow
def test_moments_in_texts_are_read_by_their_offsets(
    engines: tuple[DuckDBEngine, SparkEngine], tmp_path: Path
) -> None:
    """With an offset and without one in the same column; without, a moment is UTC."""
    path = tmp_path / "moments.csv"
    path.write_text(
        "n,at\n1,2020-01-30 23:30:00-05:00\n2,2020-01-30 23:30:00\n3,2020-01-30T23:30:00Z\n4,\n"
        "5,2020-01-30 23:30:00.123456+05:30\n"
    )
    schema = {"n": ibis.dtype("int64"), "at": ibis.dtype("timestamp")}
    for engine in engines:
        table = engine.read_csv(path, schema)
        assert engine.collect(table.order_by("n"))["at"].to_pylist() == [
            dt.datetime(2020, 1, 31, 4, 30),
            dt.datetime(2020, 1, 30, 23, 30),
            dt.datetime(2020, 1, 30, 23, 30),
            None,
            dt.datetime(2020, 1, 30, 18, 0, 0, 123456),
        ]
