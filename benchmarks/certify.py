"""Do DuckDB and Spark give the same tables? Both run the pipelines over one simulated shop.

`python benchmarks/certify.py [--transactions 3.18e6] [--datasets …] [--master local[2]] [--work FOLDER]
[--out docs/certificate.md]`. Ends with 1 where a table differs.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from certificate import TOLERANCE, Verdict, compare
from process import PROJECT, measured
from rich.console import Console
from summary import machine

DATASETS = ("interactions", "articles", "customers", "timeseries", "events")
console = Console(stderr=True)


def main() -> int:
    """Simulate, run twice, compare, write the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--transactions", default=3_178_832.0, type=float, help="purchase lines of the shop")
    parser.add_argument("--events", type=float, help="events of the shop; default: in proportion")
    parser.add_argument("--datasets", default=",".join(DATASETS), help=f"some of {', '.join(DATASETS)}")
    parser.add_argument("--master", default="local[2]", help="Spark's")
    parser.add_argument("--memory", default="6g", help="of Spark's driver, which in local mode does the work")
    parser.add_argument("--work", type=Path, help="folder for the shop and the releases, kept")
    parser.add_argument("--out", type=Path, default=PROJECT / "docs" / "certificate.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="certify-") as temporary:
        work = (asked.work or Path(temporary)).resolve()
        work.mkdir(parents=True, exist_ok=True)
        _simulate(asked.transactions, asked.events, work)
        datasets = asked.datasets.split(",")
        spark = {"ML_ETL_SPARK_MASTER": asked.master, "ML_ETL_SPARK_MEMORY": asked.memory}
        releases = [
            _run(datasets, work, {"ML_ETL_ENGINE": "duckdb"}),
            _run(datasets, work, {"ML_ETL_ENGINE": "spark", **spark}),
        ]
        found = {name: compare(name, keys_of(name), *releases) for name in datasets}
    asked.out.write_text(_report(found, asked.transactions, asked.master), "utf-8")
    wrong = [f"{name}.{v.table}" for name, verdicts in found.items() for v in verdicts if not v.equal]
    console.print(f"{asked.out}: " + (f"DIFFERENT: {', '.join(wrong)}" if wrong else "all tables are equal"))
    return 1 if wrong else 0


def keys_of(dataset: str) -> dict[str, Sequence[str]]:
    """Per released table the columns that no two rows share, as its contract says."""
    from ml_etl.contracts.dictionary import released_contracts

    return {contract.table: contract.key for contract in released_contracts()[dataset]}


def _simulate(transactions: float, events: float | None, work: Path) -> None:
    if (work / "shop" / "simulated.json").exists():
        return
    console.print("simulating ...")
    more = ["--events", str(events)] if events else []
    command = ["-m", "kedro", "shop", "simulate", "--transactions", str(transactions)]
    measured([*command, *more, "--out", str(work / "shop")], work / "simulating.log")


def _run(datasets: list[str], work: Path, settings: dict[str, str]) -> Path:
    """The folder of releases."""
    engine = settings["ML_ETL_ENGINE"]
    console.print(f"running on {engine} ...")
    params = f"shop_folder={work / 'shop'},shop_timezone=Europe/Stockholm"
    command = ["-m", "kedro", "run", "--env", "files", "--params", params, "--pipelines", ",".join(datasets)]
    run = measured(command, work / f"{engine}.log", {"ML_ETL_DATA": str(work / engine), **settings})
    console.print(f"  {run.seconds:,.0f} s, {run.peak_bytes / 1e6:,.0f} MB in Python's process")
    return work / engine / "05_model_input" / "files"


def _report(found: dict[str, list[Verdict]], transactions: float, master: str) -> str:
    import duckdb
    import pyspark

    verdicts = [verdict for each in found.values() for verdict in each]
    equal = sum(verdict.equal for verdict in verdicts)
    whole = "every table is equal" if equal == len(verdicts) else "THE ENGINES DIFFER"
    lines = [
        "# The same answers on DuckDB and on Spark",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, `make certify`: a simulated shop of {transactions:,.0f} purchase "
        f"lines through both engines; DuckDB {duckdb.__version__}, Spark {pyspark.__version__} ({master}), "
        f"{machine()}.",
        "",
        f"**{equal} of {len(verdicts)} tables: {whole}.** Keys, whole numbers, texts and moments exactly, "
        f"doubles and decimals within {TOLERANCE:g} of the larger.",
        "",
        "| dataset | table | rows | columns | keys of one engine alone | columns that differ "
        "| largest difference of a number | verdict |",
        "|---|---|---|---|---|---|---|---|",
        *(_line(name, verdict) for name, each in found.items() for verdict in each),
        "",
    ]
    return "\n".join(lines)


def _line(dataset: str, verdict: Verdict) -> str:
    one, other = verdict.rows
    rows = f"{one:,}" if one == other else f"{one:,} / {other:,}"
    differs = ", ".join(f"{name} ({many:,} rows)" for name, many in verdict.differs.items()) or "none"
    gap = f"{verdict.largest:.0e}" if verdict.largest else "0"
    told = "equal" if verdict.equal else f"DIFFERENT {verdict.note}".strip()
    cells = [dataset, verdict.table, rows, verdict.columns, sum(verdict.lone_keys), differs, gap, told]
    return f"| {' | '.join(str(cell) for cell in cells)} |"


if __name__ == "__main__":
    sys.exit(main())
