"""Measure the interactions build against hand-written DuckDB SQL and against pandas.

`python benchmarks/run.py [--sizes demo,tenfold] [--runs 3] [--work FOLDER]`. Every run is a process of its
own; the contenders take turns; medians are reported. What they wrote must be equal, or the bench fails.
Results: benchmarks/results/interactions.json and interactions.md.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from contenders import Measurement, run_ours, run_pandas, run_sql
from process import measured
from report import report
from rich.console import Console
from shops import COPIES, Shop, landed_shop
from startup import measure_startup
from summary import summary

RESULTS = Path(__file__).parent / "results"
TOLERANCE = {"sql": "1e-12", "pandas": "1e-9"}
console = Console(stderr=True)


def main() -> None:
    """Measure, compare, report."""
    asked = _arguments()
    RESULTS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=asked.work) as folder:
        work = Path(folder)
        console.print("start-up ...")
        startup = measure_startup(work)
        sizes = {size: _measure(size, asked.runs, work) for size in asked.sizes}
    report(summary(startup, sizes, asked.runs), RESULTS, Console())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default=list(COPIES), type=_sizes, help="demo, tenfold or both")
    parser.add_argument("--runs", default=3, type=int, help="runs of each contender")
    parser.add_argument("--work", type=Path, help="folder for shops and outputs; default: the system's")
    return parser.parse_args()


def _sizes(text: str) -> list[str]:
    sizes = text.split(",")
    if unknown := set(sizes) - set(COPIES):
        raise argparse.ArgumentTypeError(f"expected some of {', '.join(COPIES)}, came {', '.join(unknown)}")
    return sizes


def _measure(size: str, runs: int, work: Path) -> tuple[Shop, dict[str, list[Measurement]]]:
    """All runs at one size, the contenders in turns."""
    console.print(f"{size}: landing ...")
    shop = landed_shop(size, work)
    found: dict[str, list[Measurement]] = {"ours": [], "sql": [], "pandas": []}
    for run in range(1, runs + 1):
        console.print(f"{size}: run {run} of {runs} ...")
        folder = work / f"{size}-{run}"
        for name, measurement in _turn(shop, folder).items():
            found[name].append(measurement)
        shutil.rmtree(folder)
    shutil.rmtree(shop.data)
    return shop, found


def _turn(shop: Shop, folder: Path) -> dict[str, Measurement]:
    """Each contender once, and what they wrote compared."""
    ours = run_ours(shop, folder / "ours")
    turn = {"ours": ours}
    for name, run in (("sql", run_sql), ("pandas", run_pandas)):
        turn[name] = run(shop, folder / name, ours)
        _say(turn)
        command = ["benchmarks/compare.py", str(ours.outputs), str(turn[name].outputs), TOLERANCE[name]]
        measured(command, folder / "compare.log")
    return turn


def _say(turn: dict[str, Measurement]) -> None:
    console.print("  " + ", ".join(f"{name} {run.wall:.1f} s" for name, run in turn.items()))


if __name__ == "__main__":
    main()
