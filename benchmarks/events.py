"""Measure events: does a batch's cost follow the batch, what does a rebuild cost, does a day of batches hold?

`python benchmarks/events.py [--parts rebuild,size,chain] [--batches 7] [--work FOLDER]`. `--work` keeps the
simulated clicks and histories, so that another measurement starts at once.
Results: benchmarks/results/events.json and events.md.
"""

import argparse
import datetime as dt
import json
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

import events_chain
from events_place import QUARTER, Place, batch_rows
from events_report import report
from process import measured
from rich.console import Console
from shops import demo_tables

DAYS, TIMES = 119, 73
"""Days of the demo shop with so many times its clicks: 21.6 million, 190,000 on each of the last days."""

UNTIL = dt.datetime(2017, 4, 20, 15)
"""The histories end here: the long one has 19.8 million events, the short one 1.1 at the same rate."""

SHORT_FROM = dt.datetime(2017, 4, 15, 9)
BATCH_LIMIT = "500MB"
"""The engine's memory limit of a batch, which runs 96 times a day beside other work."""

console = Console(stderr=True)
Found = dict[str, Any]


def main() -> None:
    """Make the clicks, measure the parts, report."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="bench-events-") as folder:
        work = asked.work or Path(folder)
        work.mkdir(parents=True, exist_ok=True)
        places = _places(work)
        found: Found = {}
        if "rebuild" in asked.parts:
            found["rebuild"] = _rebuild(places["long"], work)
        if "size" in asked.parts:
            found["size"] = _size(places, asked.batches, work)
        if "chain" in asked.parts:
            found["chain"] = events_chain.measure(places["short"].shop, work / "chain", UNTIL)
    if missed := report(found, Path(__file__).parent / "results", Console()):
        raise SystemExit("Missed bars:\n" + "\n".join(missed))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", default=["rebuild", "size", "chain"], type=lambda text: text.split(","))
    parser.add_argument("--batches", default=7, type=int, help="batches per history")
    parser.add_argument("--work", type=Path, help="folder that keeps clicks and histories")
    return parser.parse_args()


def _places(work: Path) -> dict[str, Place]:
    """The long history's shop and the short one's: its newest days, of the same rate."""
    long, short = Place(work / "long", work / "data-long"), Place(work / "short", work / "data-short")
    if not (long.shop / "events.parquet").exists():
        console.print("simulating ...")
        raw = demo_tables(work)
        tables = [str(raw / f"{name}.parquet") for name in ("transactions", "articles")]
        command = [
            "benchmarks/clicks.py",
            *tables,
            str(long.shop),
            "--days",
            str(DAYS),
            "--times",
            str(TIMES),
        ]
        console.print(measured(command, work / "clicks.log").output.strip())
    if not (short.shop / "events.parquet").exists():
        short.shop.mkdir(parents=True, exist_ok=True)
        source, target = (place.shop / "events.parquet" for place in (long, short))
        query = f"COPY (FROM '{source}' WHERE ingested_at >= '{SHORT_FROM}') TO '{target}' (COMPRESSION zstd)"
        measured(["-c", f"import duckdb; duckdb.sql({query!r})"], work / "short.log")
    return {"short": short, "long": long}


def _released(place: Place, work: Path) -> Found:
    """The history as one release; what making it took, where it was made now."""
    if place.folder.current():
        return {}
    console.print(f"{place.data.name}: building ...")
    place.put_categories(work / "long" / "categories.parquet")
    run = place.run(UNTIL)
    return {"seconds": run.seconds, "peak_mb": run.peak_bytes / 1e6}


def _size(places: dict[str, Place], batches: int, work: Path) -> Found:
    """Batches of a quarter of an hour on both histories in turns, and empty ones."""
    found: Found = {}
    for name, place in places.items():
        _released(place, work)
        events = place.release.checks["events"]
        found[name] = {"events": events, "batches": [], "empty": []}
    start = max(dt.datetime.fromisoformat(p.release.as_of).replace(tzinfo=None) for p in places.values())
    for number in range(1, batches + 1):
        as_of = start + number * QUARTER
        for name, place in places.items():
            found[name]["batches"].append(_batch(place, as_of))
            empty = place.run(as_of + dt.timedelta(seconds=1), BATCH_LIMIT)
            found[name]["empty"].append(empty.seconds)
            last = found[name]["batches"][-1]
            console.print(f"{name}, batch {number}: {last['seconds']:.2f} s, {last['rows']:,} rows")
    for told in found.values():
        told["seconds"] = statistics.median(batch["seconds"] for batch in told["batches"])
        told["peak_mb"] = max(batch["peak_mb"] for batch in told["batches"])
        told["written_mb"] = statistics.median(batch["written_mb"] for batch in told["batches"])
        told["empty_seconds"] = statistics.median(told["empty"])
    found["ratio"] = found["long"]["seconds"] / found["short"]["seconds"]
    return found


def _batch(place: Place, as_of: dt.datetime) -> Found:
    run = place.run(as_of, BATCH_LIMIT)
    release = place.release
    return {
        "seconds": run.seconds,
        "peak_mb": run.peak_bytes / 1e6,
        "rows": batch_rows(release),
        "written_mb": release.written / 1e6,
        "versions_files": place.files(),
    }


def _rebuild(place: Place, work: Path) -> Found:
    """Everything from the first row on, by us and by hand-written SQL, and whether they agree."""
    shutil.rmtree(place.data, ignore_errors=True)
    told = _released(place, work)
    files = work / "ours.json"
    files.write_text(json.dumps(place.tables()))
    folder = work / "sql"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    console.print("hand-written SQL ...")
    until = (UNTIL - dt.timedelta(minutes=5)).isoformat()
    given = [str(place.shop / "events.parquet"), until, str(work / "long" / "categories.parquet")]
    sql = measured(["benchmarks/events_sql.py", *given, str(folder)], work / "sql.log")
    compared = measured(["benchmarks/events_compare.py", str(files), str(folder)], work / "compare.log")
    return {
        "events": place.release.checks["events"],
        "ours": told,
        "sql": {"seconds": sql.seconds, "peak_mb": sql.peak_bytes / 1e6},
        "ratio": told["seconds"] / sql.seconds,
        "compared": json.loads(compared.output.splitlines()[-1]),
    }


if __name__ == "__main__":
    main()
