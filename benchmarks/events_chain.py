"""Two days of batches in a row, five of them killed: do they grow slower, do files pile up?

Processes are forked from one that has imported everything (tests/faults/driver.py): what is compared is what
batches do, not how long Python starts.
"""

import datetime as dt
import json
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from events_place import QUARTER, Place
from process import PROJECT, measured

sys.path.insert(0, str(PROJECT))
from tests.faults.runs import Process, Runs

BATCHES, EDGE = 200, 20
KILLED = {31: 0.35, 66: 0.5, 101: 0.65, 136: 0.75, 171: 0.85}
"""By the batch: the share of a usual batch's seconds after which its first try is killed."""

OF_VISITORS = 4
"""One in so many: batches of some hundred events."""


def measure(clicks: Path, work: Path, until: dt.datetime) -> dict[str, Any]:
    """Run the batches that end with `until`; compare the end with a rebuild."""
    shutil.rmtree(work, ignore_errors=True)
    place = Place(_thinner(clicks, work / "shop"), work / "data")
    runs = Runs()
    try:
        found = _chain(runs, place, until)
        other = Place(place.shop, work / "rebuild")
        _start(runs, other, until).wait()
    finally:
        runs.close()
    return {**found, "equals_rebuild": _rows(place) == _rows(other)}


def _chain(runs: Runs, place: Place, until: dt.datetime) -> dict[str, Any]:
    start = until - BATCHES * QUARTER
    _done(_start(runs, place, start))
    seconds, files, handles, killed = [], [], [], 0
    for number in range(1, BATCHES + 1):
        as_of = start + number * QUARTER
        if number in KILLED:
            process = _start(runs, place, as_of)
            time.sleep(KILLED[number] * statistics.median(seconds))
            process.send(9)
            killed += process.wait().killed
        process = _start(runs, place, as_of)
        handles.append(_handles(process.pid))
        seconds.append(_done(process))
        files.append(place.files())
    first, last = statistics.median(seconds[:EDGE]), statistics.median(seconds[-EDGE:])
    return {
        "batches": BATCHES,
        "killed": killed,
        "first_seconds": first,
        "last_seconds": last,
        "ratio": last / first,
        "files": {
            "after_20": files[EDGE - 1],
            "after_100": files[min(99, len(files) - 1)],
            "after_200": files[-1],
        },
        "handles": {"first_20": max(handles[:EDGE]), "last_20": max(handles[-EDGE:])},
        "seconds": seconds,
    }


def _thinner(clicks: Path, shop: Path) -> Path:
    shop.mkdir(parents=True)
    source, target = clicks / "events.parquet", shop / "events.parquet"
    some = f"FROM '{source}' WHERE md5_number_lower(coalesce(visitor_id, '')) % {OF_VISITORS} = 0"
    query = f"COPY ({some}) TO '{target}' (COMPRESSION zstd)"
    measured(["-c", f"import duckdb; duckdb.sql({query!r})"], shop.parent / "thinner.log")
    return shop


def _start(runs: Runs, place: Place, as_of: dt.datetime) -> Process:
    return runs.start(place.data, place.command(as_of)[2:])


def _done(process: Process) -> float:
    ended = process.wait()
    if ended.code:
        raise SystemExit(ended.output[-2000:])
    return ended.seconds


def _handles(process: int) -> int:
    """The most files it has open at once, as far as one sees who looks ten times a second."""
    most, state = 0, Path(f"/proc/{process}")
    while (state / "status").exists() and "\nState:\tZ" not in (state / "status").read_text():
        most = max(most, sum(1 for _ in (state / "fd").iterdir()))
        time.sleep(0.1)
    return most


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
