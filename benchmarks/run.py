"""Measure the builds against hand-written DuckDB SQL and against pandas.

`python benchmarks/run.py [--datasets interactions,articles,…] [--sizes demo,tenfold,hm10,hm] [--runs 3]
[--work FOLDER]`. Every run is a process of its own; the contenders take turns; medians are reported. What
they wrote must be equal, or the bench fails. So it does where a bar is missed, once all is reported.
Results: benchmarks/results/DATASET.json and DATASET.md.
"""

import argparse
import shutil
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path

from contenders import Measurement, run_ours, run_pandas, run_sql
from datasets import DATASETS, Dataset
from process import measured
from report import report
from rich.console import Console
from shops import COPIES, SIZES, Shop, landed_shop
from startup import measure_startup
from summary import summary

RESULTS = Path(__file__).parent / "results"
TOLERANCE = {"sql": "1e-12", "pandas": "1e-9"}
console = Console(stderr=True)


def main() -> None:
    """Measure, compare, report; a missed bar is an error."""
    missed = []
    asked = _arguments()
    RESULTS.mkdir(exist_ok=True)
    if asked.work:
        asked.work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=asked.work) as folder:
        work = Path(folder)
        console.print("start-up ...")
        startup = measure_startup(work)
        found = {size: _measure(size, asked, work) for size in asked.sizes}
    for name in asked.datasets:
        sizes = {size: (shop, times[name]) for size, (shop, times) in found.items() if name in times}
        if not sizes:
            console.print(f"{name}: SQL and pandas are not written for shops of {', '.join(asked.sizes)}")
            continue
        results = summary(DATASETS[name], startup, sizes, asked.runs)
        report(DATASETS[name], results, RESULTS, Console())
        missed += [f"{name}: {bar['bar']} {bar['value']:.2f}" for bar in results["bars"] if not bar["passed"]]
    if missed:
        raise SystemExit("Missed bars: " + "; ".join(missed))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--datasets", default=list(DATASETS), type=_some(DATASETS), help=f"some of {', '.join(DATASETS)}"
    )
    parser.add_argument(
        "--sizes", default=list(COPIES), type=_some(SIZES), help=f"some of {', '.join(SIZES)}"
    )
    parser.add_argument("--runs", default=3, type=int, help="runs of each contender")
    parser.add_argument(
        "--work",
        type=Path,
        help="folder for shops and outputs, in which simulated shops stay; default: the system's",
    )
    return parser.parse_args()


def _some(known: Collection[str]) -> Callable[[str], list[str]]:
    """Reads a list of known names."""

    def names(text: str) -> list[str]:
        asked = text.split(",")
        if unknown := set(asked) - set(known):
            raise argparse.ArgumentTypeError(
                f"expected some of {', '.join(known)}, came {', '.join(unknown)}"
            )
        return asked

    return names


Found = dict[str, dict[str, list[Measurement]]]


def _measure(size: str, asked: argparse.Namespace, work: Path) -> tuple[Shop, Found]:
    """All runs at one size by dataset and contender, the contenders in turns."""
    console.print(f"{size}: landing ...")
    shop = landed_shop(size, work, asked.work or work)
    names = [name for name in asked.datasets if shop.kind in DATASETS[name].kinds]
    found: Found = {name: {"ours": [], "sql": [], "pandas": []} for name in names}
    for run in range(1, asked.runs + 1):
        for name in names:
            console.print(f"{size}, {name}: run {run} of {asked.runs} ...")
            folder = work / f"{size}-{name}-{run}"
            for contender, measurement in _turn(DATASETS[name], shop, folder).items():
                found[name][contender].append(measurement)
            shutil.rmtree(folder)
    shutil.rmtree(shop.data)
    return shop, found


def _turn(dataset: Dataset, shop: Shop, folder: Path) -> dict[str, Measurement]:
    """Each contender once, and what they wrote compared."""
    ours = run_ours(dataset, shop, folder / "ours")
    turn = {"ours": ours}
    for name, run in (("sql", run_sql), ("pandas", run_pandas)):
        turn[name] = run(dataset, shop, folder / name, ours)
        _say(turn)
        outputs = [str(ours.outputs), str(turn[name].outputs)]
        measured(["benchmarks/compare.py", dataset.name, *outputs, TOLERANCE[name]], folder / "compare.log")
    return turn


def _say(turn: dict[str, Measurement]) -> None:
    console.print("  " + ", ".join(f"{name} {run.wall:.1f} s" for name, run in turn.items()))


if __name__ == "__main__":
    main()
