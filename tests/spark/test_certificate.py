"""The same pipelines on Spark: the certificate's own command, and that it tells what differs."""

import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conftest import PROJECT
from tests.spark import needs_java

sys.path.insert(0, str(PROJECT / "benchmarks"))
from certificate import Verdict, verdict

ROWS = {"id": ["a", "b", "c"], "count": [1, 2, 3], "share": [0.1, 0.2, None]}


@needs_java
@pytest.mark.slow
def test_every_table_is_the_same_on_spark(tmp_path: Path) -> None:
    report = tmp_path / "certificate.md"
    command = ["benchmarks/certify.py", "--transactions", "10000", "--events", "1500", "--out", str(report)]
    run = subprocess.run(
        [sys.executable, *command, "--memory", "2g"],
        cwd=PROJECT,
        env={**os.environ, "ML_ETL_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=1200,
    )
    assert run.returncode == 0, run.stderr
    told = report.read_text("utf-8")
    assert "every table is equal" in told
    for table in ("interactions", "also_bought", "segments", "forecasts", "sessions", "funnel"):
        assert f"| {table} |" in told


def compared(tmp_path: Path, **changed: list) -> Verdict:
    files = [tmp_path / f"{name}.parquet" for name in ("one", "other")]
    for path, rows in zip(files, (ROWS, ROWS | changed), strict=True):
        pq.write_table(pa.table(rows), path)
    return verdict("table", [str(files[0])], [str(files[1])], ["id"])


def test_rounding_is_no_difference(tmp_path: Path) -> None:
    found = compared(tmp_path, share=[0.1 + 1e-12, 0.2, None])
    assert found.equal
    assert 0 < found.largest < 1e-10


@pytest.mark.parametrize(
    ("changed", "differs"),
    [
        ({"share": [0.1 + 1e-8, 0.2, None]}, {"share": 1}),
        ({"share": [None, 0.2, 0.3]}, {"share": 2}),
        ({"count": [1, 2, 4]}, {"count": 1}),
    ],
)
def test_a_value_that_differs_is_told(tmp_path: Path, changed: dict, differs: dict) -> None:
    found = compared(tmp_path, **changed)
    assert found.differs == differs
    assert not found.equal


def test_another_key_is_told(tmp_path: Path) -> None:
    found = compared(tmp_path, id=["a", "b", "d"])
    assert found.lone_keys == (1, 1)
    assert not found.equal


def test_another_type_is_told(tmp_path: Path) -> None:
    assert not compared(tmp_path, count=[1.0, 2.0, 3.0]).equal
