"""Real processes: one is killed while it encodes, two encode at once."""

import json
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import PROJECT
from tests.encoders.driver import CHUNK

pytestmark = pytest.mark.slow


def start(folder: Path, first: int, last: int) -> subprocess.Popen[str]:
    """A process that has loaded the model and waits."""
    command = [sys.executable, "-m", "tests.encoders.driver", str(folder), str(first), str(last)]
    process = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def ended(process: subprocess.Popen[str]) -> tuple[dict[str, float], int]:
    """What it took, and how many chunks it began."""
    lines = process.communicate(timeout=300)[0].splitlines()
    assert process.returncode == 0
    return json.loads(lines[-1]), lines.count("chunk")


def stored(folder: Path) -> int:
    with sqlite3.connect(folder / "vectors.db") as connection:
        return connection.execute("SELECT count(*) FROM vectors").fetchone()[0]


def vectors(folder: Path, first: int) -> np.ndarray:
    return np.frombuffer((folder / f"{first}.bytes").read_bytes(), np.float32).reshape(-1, 384)


def test_a_kill_costs_at_most_one_chunk(tmp_path: Path) -> None:
    """200 texts in chunks of 20; killed when the fifth chunk begins."""
    victim = start(tmp_path, 0, 200)
    go(victim)
    assert victim.stdout is not None
    for _ in range(5):
        assert victim.stdout.readline() == "chunk\n"
    victim.send_signal(signal.SIGKILL)
    begun = 5 + victim.communicate()[0].splitlines().count("chunk")
    kept = stored(tmp_path)
    assert kept % CHUNK == 0
    assert begun * CHUNK - kept in (0, CHUNK)
    process = start(tmp_path, 0, 200)
    go(process)
    effort, _ = ended(process)
    assert effort["cached"] == kept >= 4 * CHUNK
    assert effort["encoded"] == 200 - kept
    assert stored(tmp_path) == 200


def test_two_processes_at_once_end_with_the_same_bytes(tmp_path: Path) -> None:
    """Texts 0 to 199 and 100 to 299: those both have, whoever stored them first, are equal."""
    both = [start(tmp_path, 0, 200), start(tmp_path, 100, 300)]
    for process in both:
        go(process)
    took = [ended(process)[0] for process in both]
    assert [effort["distinct"] for effort in took] == [200, 200]
    assert stored(tmp_path) == 300
    one, other = vectors(tmp_path, 0), vectors(tmp_path, 100)
    assert one[100:].tobytes() == other[:100].tobytes()
    assert np.allclose(np.linalg.norm(np.concatenate([one, other]), axis=1), 1, atol=1e-6)
