"""Tables given as a file, or as a folder of files."""

import datetime as dt
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ml_etl.engine.duckdb import DuckDBEngine
from ml_etl.shop import files

TEXTS = [["fine", "good"], ["bad \N{PILE OF POO}"]]


@pytest.fixture
def engine(tmp_path: Path) -> DuckDBEngine:
    return DuckDBEngine("500MB", 1, str(tmp_path / "spill"))


def folder(path: Path, columns: list[pa.Array]) -> Path:
    path.mkdir()
    for number, column in enumerate(columns):
        pq.write_table(pa.table({"review_text": column}), path / f"{number}.parquet")
    return path


@pytest.mark.parametrize("free_text", [False, True])
def test_a_folder_of_files_is_a_table(engine: DuckDBEngine, tmp_path: Path, free_text: bool) -> None:
    path = folder(tmp_path / "reviews.parquet", [pa.array(texts) for texts in TEXTS])
    found = engine.collect(files.read(engine, path, {}, free_text))
    assert found["review_text"].to_pylist() == [text for texts in TEXTS for text in texts]


def test_what_is_no_utf8_is_repaired_in_a_folder_too(engine: DuckDBEngine, tmp_path: Path) -> None:
    broken = pa.array([b"caf\xe9"], pa.binary()).view(pa.string())
    path = folder(tmp_path / "reviews.parquet", [pa.array(["fine"]), broken])
    found = engine.collect(files.read(engine, path, {}, True))
    assert found["review_text"].to_pylist() == ["fine", "caf\ufffd"]


@pytest.mark.parametrize("word", [b"fine", b"caf\xe9"], ids=["read", "repaired"])
def test_moments_are_read_by_their_offsets(engine: DuckDBEngine, tmp_path: Path, word: bytes) -> None:
    """Of one column some have an offset, one of them of another day; without one a moment is UTC."""
    path = tmp_path / "reviews.csv"
    moments = [b"2020-01-30 23:30:00-05:00", b"2020-01-30 23:30:00", b"2020-01-30T23:30:00Z", b""]
    path.write_bytes(b"review_text,created_at\n" + b"".join(word + b"," + at + b"\n" for at in moments))
    found = engine.collect(files.read(engine, path, {"created_at": ibis.dtype("timestamp")}, True))
    here = dt.datetime(2020, 1, 30, 23, 30)
    assert found["created_at"].to_pylist() == [dt.datetime(2020, 1, 31, 4, 30), here, here, None]
