"""The daily run: a shop without its last day from nothing, then the same shop with it.

`python benchmarks/day_after.py [--size hm10] [--datasets …] [--work FOLDER]`. Each pipeline is a process of
its own, in bounded memory as in sizes.py. Told are both runs' seconds, and how many rows each landing read.
Results: benchmarks/results/day_after.json and day_after.md.
"""

import argparse
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from process import measured
from report import markdown
from rich.console import Console
from rich.markdown import Markdown
from shops import SIMULATED, simulate
from sizes import RESULTS, run_pipeline
from summary import machine

DATASETS = ("interactions", "articles", "customers", "timeseries", "events")
GROWING = ("transactions", "reviews")
"""What is landed by its newest rows; events are read by their own pipeline."""


def main() -> None:
    """Simulate, run, add a day, run again, report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", default="hm10", choices=SIMULATED)
    parser.add_argument("--datasets", default=",".join(DATASETS), help=f"some of {', '.join(DATASETS)}")
    parser.add_argument("--work", type=Path, help="folder for the shop, kept; default: a temporary one")
    parser.add_argument("--limit", type=float, default=8.0, help="gigabytes a process may have")
    asked = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="day-after-", dir=asked.work) as temporary:
        whole = (asked.work or Path(temporary)) / f"shop-{asked.size}"
        simulate(asked.size, whole, Path(temporary) / "simulating.log")
        found = _both_days(whole, Path(temporary), asked.datasets.split(","), asked.limit)
    _report(asked.size, found, Console())


def _both_days(whole: Path, work: Path, datasets: list[str], limit: float) -> dict[str, dict[str, Any]]:
    found = {}
    for day, part in (("first", "without"), ("next", "with")):
        measured(["benchmarks/last_day.py", str(whole), str(work / "shop"), part], work / "split.log")
        found[day] = {
            pipeline: run_pipeline(pipeline, work / "shop", work / "data", limit)
            for pipeline in ("landing", *datasets)
        }
        found[day]["landing"]["read"] = {table: _newest_part(work / "data", table) for table in GROWING}
    return found


def _newest_part(data: Path, table: str) -> int:
    """The rows that the last landing read of a table."""
    landed = data / "02_intermediate" / "files" / "landing" / table
    newest = json.loads((landed / "landed.json").read_text("utf-8"))["parts"][-1]
    return int(pq.read_metadata(landed / newest["file"]).num_rows)


def _report(size: str, found: dict[str, dict[str, Any]], console: Console) -> None:
    """Write the results, and show them."""
    when = datetime.now(UTC).isoformat(timespec="seconds")
    told = {"machine": machine(), "date": when, "size": size, **found}
    (RESULTS / "day_after.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    times = [["pipeline", "first run s", "next day s", "first run MB written", "next day MB written"]]
    for pipeline, first in found["first"].items():
        runs = (first, found["next"][pipeline])
        written = (f"{run['written_bytes'] / 1e6:,.0f}" for run in runs)
        times.append([pipeline, *(f"{run['seconds']:.1f}" for run in runs), *written])
    first, after = (found[day]["landing"]["read"] for day in ("first", "next"))
    rows = [["table", "rows read first", "rows read the next day"]]
    rows += [[table, f"{first[table]:,}", f"{after[table]:,}"] for table in first]
    head = f"# The day after, {size}\n\n{machine()}; {when}; one run each."
    text = "\n\n".join([head, markdown(times), markdown(rows), ""])
    (RESULTS / "day_after.md").write_text(text, "utf-8")
    console.print(Markdown(text))


if __name__ == "__main__":
    main()
