"""Tables that lie in files by the values of a column."""

from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ml_etl.engine.duckdb import DuckDBEngine

ROWS = pa.table({"place": [n % 3 or None for n in range(3000)], "n": list(range(3000))})


@pytest.fixture
def engine(tmp_path: Path) -> DuckDBEngine:
    return DuckDBEngine("1GB", 2, str(tmp_path / "spill"))


def divided(engine: DuckDBEngine, folder: Path, rows: pa.Table = ROWS) -> ir.Table:
    engine.write_divided(engine.table_of(rows), folder, "place")
    return engine.read_parquet(folder / "*.parquet")


def test_no_row_is_lost_and_each_file_has_one_value(engine: DuckDBEngine, tmp_path: Path) -> None:
    table = divided(engine, tmp_path / "divided")
    assert engine.collect(table.order_by("n")).equals(ROWS)
    places = [set(pq.read_table(file)["place"].to_pylist()) for file in (tmp_path / "divided").iterdir()]
    assert sorted(places, key=str) == [{1}, {2}, {None}]


@pytest.mark.parametrize(
    "chosen",
    [lambda t: t.filter(t.place == 1), lambda t: t.filter(t.place.isin([1, 7]))],
    ids=["one value", "some values"],
)
def test_who_filters_by_the_column_reads_no_other_file(engine: DuckDBEngine, tmp_path: Path, chosen) -> None:
    engine.write_divided(engine.table_of(ROWS), tmp_path / "divided", "place")
    for file in (tmp_path / "divided").iterdir():
        if 1 not in pq.read_table(file)["place"].to_pylist():
            spoil(file)
    table = engine.read_parquet(tmp_path / "divided" / "*.parquet")
    assert engine.first_row(chosen(table).aggregate(n=ibis._.n.sum())) == {"n": sum(range(1, 3000, 3))}
    with pytest.raises(duckdb.Error):
        engine.collect(table.aggregate(n=ibis._.n.sum()))


def spoil(file: Path) -> None:
    """What the file's footer says stays; its pages are gone."""
    found = file.read_bytes()
    footer = int.from_bytes(found[-8:-4], "little") + 8
    file.write_bytes(found[:4] + bytes(len(found) - footer - 4) + found[-footer:])


def test_a_table_without_rows_has_its_columns(engine: DuckDBEngine, tmp_path: Path) -> None:
    table = divided(engine, tmp_path / "divided", ROWS.slice(0, 0))
    assert engine.collect(table).equals(ROWS.slice(0, 0))
