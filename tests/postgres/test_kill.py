"""kill -9 while rows stream in: nothing torn is named, and the next run lands the same."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import PROJECT, Data
from tests.postgres.server import Database

pytestmark = pytest.mark.slow  # processes, and half a million rows


def test_a_landing_that_was_killed_is_taken_up_again(data: Data, small: Database) -> None:
    small.do(
        "INSERT INTO transactions SELECT date '2020-01-01' + (i % 30), 'c1', '001', i / 100.0 "
        "FROM generate_series(1, 500000) i"
    )
    folder = data.folder / "02_intermediate" / "postgres" / "landing" / "transactions"
    process = _start(data)
    _wait_until_fetching(folder, process)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert list(folder.glob(".*.fetched")) and not (folder / "landed.json").exists()
    ended = data.kedro("run", "--env", "postgres", "--tags", "landing")
    assert ended.returncode == 0, ended.stderr
    assert not list(folder.glob(".*.fetched"))
    assert _rows(folder) == 500_001


def _start(data: Data) -> subprocess.Popen[bytes]:
    command = [str(Path(sys.executable).with_name("kedro")), "run", "--env", "postgres", "--tags", "landing"]
    given = {**os.environ, "ML_ETL_DATA": str(data.folder)}
    return subprocess.Popen(
        command, cwd=PROJECT, env=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _wait_until_fetching(folder: Path, process: subprocess.Popen[bytes]) -> None:
    """Until some of the rows are in the file that is being written."""
    until = time.monotonic() + 120
    while not any(path.stat().st_size for path in folder.glob(".*.fetched")):
        assert process.poll() is None, "the landing ended before it could be killed"
        assert time.monotonic() < until
        time.sleep(0.002)


def _rows(folder: Path) -> int:
    import pyarrow.parquet as pq

    return sum(pq.read_metadata(path).num_rows for path in folder.glob("[!.]*.parquet"))
