"""`kedro run` as a user starts it, killed and started again: what the forked runs show holds for it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.faults.conftest import Reference
from tests.faults.place import DAYS, Place, hashes


def kedro_run(place: Place, day: str) -> subprocess.Popen[str]:
    """Start it in a process group of its own."""
    params = f"shop_folder={place.shop},as_of={day}"
    command = ["run", "--env", "files", "--pipelines", "interactions", "--params", params]
    return subprocess.Popen(
        [str(Path(sys.executable).with_name("kedro")), *command],
        cwd=PROJECT,
        env={**os.environ, "ML_ETL_DATA": str(place.data), "ML_ETL_RUN_ID": "real"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


@pytest.mark.slow
def test_a_killed_kedro_run_is_simply_started_again(place: Place, reference: Reference) -> None:
    """Killed as soon as an artefact is staged; the bytes are those of a forked run."""
    process, until = kedro_run(place, DAYS[1]), time.monotonic() + 120
    while not list(place.folder.staged("real").glob("*.parquet")):
        assert process.poll() is None and time.monotonic() < until, process.communicate()[0]
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert place.current and hashes(place.current) == reference.expected[DAYS[0]]
    again = kedro_run(place, DAYS[1])
    said, _ = again.communicate(timeout=180)
    assert again.returncode == 0, said
    assert place.current and hashes(place.current) == reference.expected[DAYS[1]]
    assert place.damaged() == []
