"""Two days of batches in a row, five of them killed: do they grow slower, do files pile up?"""

import datetime as dt
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from events_place import QUARTER, Place
from process import PROJECT

BATCHES, EDGE = 200, 20
KILLED = {31: 0.35, 66: 0.5, 101: 0.65, 136: 0.8, 171: 0.95}
"""By the batch: the share of a usual batch's seconds after which its first try is killed."""


def measure(shop: Path, data: Path, until: dt.datetime) -> dict[str, Any]:
    """Run the batches that end with `until`; compare the end with a rebuild."""
    shutil.rmtree(data, ignore_errors=True)
    place = Place(shop, data)
    start = until - BATCHES * QUARTER
    place.run(start)
    seconds, files, handles, killed = [], [], [], 0
    for number in range(1, BATCHES + 1):
        as_of = start + number * QUARTER
        if number in KILLED:
            killed += _killed(place, as_of, KILLED[number] * statistics.median(seconds))
        began = time.perf_counter()
        handles.append(_handles(place, as_of))
        seconds.append(time.perf_counter() - began)
        files.append(place.files())
    other = Place(shop, data.with_name("chain-rebuild"))
    shutil.rmtree(other.data, ignore_errors=True)
    other.run(until)
    first, last = statistics.median(seconds[:EDGE]), statistics.median(seconds[-EDGE:])
    return {
        "batches": BATCHES,
        "killed": killed,
        "first_seconds": first,
        "last_seconds": last,
        "ratio": last / first,
        "files": {"after_20": files[EDGE - 1], "after_100": files[99], "after_200": files[-1]},
        "handles": {"first_20": max(handles[:EDGE]), "last_20": max(handles[-EDGE:])},
        "equals_rebuild": _rows(place) == _rows(other),
        "seconds": seconds,
    }


def _started(place: Place, as_of: dt.datetime) -> subprocess.Popen:
    place.data.mkdir(parents=True, exist_ok=True)
    log = (place.data / "run.log").open("w")
    settings = {**os.environ, "ML_ETL_DATA": str(place.data)}
    command = [sys.executable, *place.command(as_of)]
    return subprocess.Popen(command, cwd=PROJECT, env=settings, stdout=log, stderr=subprocess.STDOUT)


def _handles(place: Place, as_of: dt.datetime) -> int:
    """Run a batch; the most files it had open at once, as far as one looks ten times a second."""
    process, most = _started(place, as_of), 0
    while process.poll() is None:
        try:
            most = max(most, sum(1 for _ in Path(f"/proc/{process.pid}/fd").iterdir()))
        except OSError:
            break
        time.sleep(0.1)
    if process.wait():
        raise SystemExit((place.data / "run.log").read_text("utf-8")[-2000:])
    return most


def _killed(place: Place, as_of: dt.datetime, seconds: float) -> int:
    process = _started(place, as_of)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def _rows(place: Place) -> str:
    """Per table a digest of its rows, whatever files they are in."""
    told = subprocess.run(
        [sys.executable, "benchmarks/events_digest.py"],
        cwd=PROJECT,
        input=json.dumps(place.tables()),
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout
