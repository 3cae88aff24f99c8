"""What a shop costs by its size: every pipeline over the demo shop and simulated ones, in bounded memory.

`python benchmarks/sizes.py [--sizes demo,hm10,hm] [--datasets …] [--work FOLDER] [--limit 8]`. Each pipeline
is a `kedro run` of its own in a memory limit that the system enforces; the engine's own limit is half of it,
and interactions, customers and events have 5 GB. Reviews have random vectors in place of the model's, whose
cost is told as a rate (benchmarks/encoding.py): seconds are those without making and storing vectors, CPU
seconds are all.
Results: benchmarks/results/sizes.json, sizes.md and sizes.png.
"""

import argparse
import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from node_times import ENCODING
from process import Finished, MemoryLimit, measured
from rich.console import Console
from shops import SIMULATED, SIMULATED_ZONE, simulate
from sizes_report import report
from summary import machine

RESULTS = Path(__file__).parent / "results"
SIZES = ("demo", *SIMULATED)
DATASETS = ("interactions", "articles", "customers", "timeseries", "reviews", "events")
SMALLER = {"interactions": 5.0, "customers": 5.0, "events": 5.0}
"""Gigabytes of those pipelines that need less than the others."""
console = Console(stderr=True)


def main() -> None:
    """Simulate, run, report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default=",".join(SIZES), help=f"some of {', '.join(SIZES)}")
    parser.add_argument("--datasets", default=",".join(DATASETS), help=f"some of {', '.join(DATASETS)}")
    parser.add_argument(
        "--work", type=Path, help="folder for shops and releases, kept; default: a temporary one"
    )
    parser.add_argument("--limit", type=float, default=8.0, help="gigabytes a process may have")
    asked = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sizes-") as temporary:
        work = asked.work or Path(temporary)
        found = {
            size: _size(size, asked.datasets.split(","), work, asked.limit) for size in asked.sizes.split(",")
        }
    if missed := report({"machine": machine(), "sizes": found}, RESULTS, Console()):
        raise SystemExit("Missed bars: " + "; ".join(missed))


def _size(size: str, datasets: list[str], work: Path, limit: float) -> dict[str, Any]:
    shop, data = work / f"shop-{size}" if size in SIMULATED else None, work / f"data-{size}"
    found = {"simulating": _simulated(size, shop, work)} if shop else {}
    found["landing"] = run_pipeline("landing", shop, data, limit)
    for dataset in datasets:
        found[dataset] = run_pipeline(dataset, shop, data, limit)
    return found


def _simulated(size: str, shop: Path, work: Path) -> dict[str, Any]:
    """What simulating the shop took; nothing where it is there already."""
    finished = simulate(size, shop, work / f"{size}-simulating.log")
    return _told("simulating", finished, {}) if finished else {}


def run_pipeline(pipeline: str, shop: Path | None, data: Path, most: float) -> dict[str, Any]:
    """One pipeline, with the seconds of its nodes, in at most so many gigabytes; no shop: the demo shop."""
    data.mkdir(parents=True, exist_ok=True)
    times, gigabytes = data / f"{pipeline}.json", min(SMALLER.get(pipeline, most), most)
    command = ["benchmarks/node_times.py", str(times), "--unencoded", "run", "--pipelines", pipeline]
    if shop:
        params = f"shop_folder={shop},shop_timezone={SIMULATED_ZONE}"
        command += ["--env", "files", "--params", params]
    settings = {"ML_ETL_DATA": str(data), "ML_ETL_MEMORY_LIMIT": f"{gigabytes / 2:g}GB"}
    limit = MemoryLimit(gigabytes)
    try:
        finished = measured(command, data / f"{pipeline}.log", settings, limit)
    finally:
        limit.close()
    told = _told(pipeline, finished, json.loads(times.read_text()))
    return told | {"limit_gb": gigabytes, "limited_by": limit.kind, "rows": _rows(pipeline, data)}


def _told(pipeline: str, finished: Finished, nodes: dict[str, float]) -> dict[str, Any]:
    """What a run took; `seconds` without those of what stands in the encoder's place."""
    told = {name: value for name, value in asdict(finished).items() if name != "output"}
    encoding = nodes.pop(ENCODING, 0.0)
    told |= {"seconds": finished.seconds - encoding, "encoding_seconds": encoding}
    console.print(
        f"  {pipeline}: {told['seconds']:.1f} s, CPU {finished.cpu_seconds:.1f} s, "
        f"{finished.peak_bytes / 1e9:.2f} GB" + (f" (encoding's place: {encoding:.1f} s)" if encoding else "")
    )
    return told | {"nodes": nodes}


def _rows(pipeline: str, data: Path) -> int:
    """Rows of all that was released."""
    manifests = sorted((data / "05_model_input").glob(f"*/{pipeline}/*/manifest.json"))
    entries = json.loads(manifests[-1].read_text())["artefacts"].values() if manifests else ()
    return sum(entry.get("rows") or 0 for entry in entries)


if __name__ == "__main__":
    main()
