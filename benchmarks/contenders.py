"""The three contenders, each run once as a process of its own."""

import json
import sqlite3
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from process import Finished, measured
from shops import TABLES, Shop

CORE = ("purchases", "interactions", "csv", "customer_index", "article_index", "splits", "popularity")
ALSO_BOUGHT = ("also_bought",)
MAX_CSV_ROWS = 5_000_000
"""As conf/base/catalog/interactions.yml: above it nobody writes the CSV."""

PARTS = {
    "landing": ("land_",),
    "staging contracts": ("judge_", "count_", "quarantine_", "accept_"),
    "purchases": ("select_purchases", "group_by_day"),
    "interactions": (
        "sum_returns",
        "measure_purchases",
        "compare_weeks",
        "block_customers",
        "score_interactions",
    ),
    "csv": ("export_csv",),
    "customer_index": ("index_customers",),
    "article_index": ("index_articles",),
    "splits": ("split_by_date",),
    "popularity": ("rank_popularity",),
    "also_bought": ("collect_baskets", "number_baskets", "number_articles", "find_also_bought"),
    "matrix": ("select_matrix_entries", "build_matrix"),
    "release contracts": ("measure_interactions", "verify_interactions"),
    "release": ("describe_interactions", "release_interactions"),
}
"""Our nodes by what they work for; a name may be a prefix."""


@dataclass(frozen=True)
class Measurement:
    """One run of one contender: seconds per part, the whole process, and where its outputs lie."""

    wall: float
    peak_bytes: int
    parts: dict[str, float]
    outputs: Path
    rows: dict[str, int] = field(default_factory=dict)
    as_of: str = ""
    skipped: dict[str, str] = field(default_factory=dict)

    def seconds(self, outputs: tuple[str, ...]) -> float:
        return sum(self.parts.get(name, 0.0) for name in outputs)


def run_ours(shop: Shop, folder: Path) -> Measurement:
    """A whole build of the project over the landed shop, into an empty data folder."""
    data = shop.fresh(folder)
    times = data / "nodes.json"
    command = ["benchmarks/node_times.py", str(times), "run", "--pipelines", "interactions", *shop.options]
    finished = measured(command, folder.with_suffix(".log"), {"ML_ETL_DATA": str(data)})
    row = _last_run(data / "08_reporting" / "etl_runs.db")
    outputs = data / "05_model_input" / shop.name / "interactions" / row["version"]
    rows = {name: artefact["rows"] for name, artefact in row["artefacts"].items()}
    parts = _parts(json.loads(times.read_text()), finished.seconds)
    return Measurement(finished.seconds, finished.peak_bytes, parts, outputs, rows, str(row["as_of"]))


def _last_run(registry: Path) -> dict:
    with sqlite3.connect(registry) as connection:
        connection.row_factory = sqlite3.Row
        row = dict(connection.execute("SELECT * FROM etl_runs WHERE status = 'success'").fetchone())
    return row | {"artefacts": json.loads(row["artefacts"])}


def _parts(nodes: dict[str, float], wall: float) -> dict[str, float]:
    """Seconds per part; start-up is what no node takes."""
    parts = dict.fromkeys(PARTS, 0.0)
    for node, seconds in nodes.items():
        parts[_part(node)] += seconds
    return parts | {"start-up": wall - sum(nodes.values())}


def _part(node: str) -> str:
    for part, names in PARTS.items():
        if node.startswith(names):
            return part
    raise SystemExit(f"The node {node} is in no part of benchmarks/contenders.py; say there what it is for.")


def run_sql(shop: Shop, folder: Path, ours: Measurement) -> Measurement:
    """The hand-written SQL over the same landed files."""
    return _baseline("benchmarks/sql_baseline.py", shop, folder, ours)


def run_pandas(shop: Shop, folder: Path, ours: Measurement) -> Measurement:
    """The pandas program over the same landed files."""
    return _baseline("benchmarks/pandas_baseline.py", shop, folder, ours)


def _baseline(program: str, shop: Shop, folder: Path, ours: Measurement) -> Measurement:
    folder.mkdir(parents=True)
    task = {
        "landed": {table: shop.landed(table) for table in TABLES},
        "as_of": date.fromisoformat(ours.as_of[:10]).isoformat(),
        "out": str(folder),
        "csv": ours.rows["interactions"] <= MAX_CSV_ROWS,
    }
    (folder / "task.json").write_text(json.dumps(task))
    finished: Finished = measured([program, str(folder / "task.json")], folder.with_suffix(".log"))
    result = json.loads((folder / "result.json").read_text())
    parts = result["seconds"] | {"start-up": finished.seconds - sum(result["seconds"].values())}
    return Measurement(
        finished.seconds, finished.peak_bytes, parts, folder, skipped=result.get("skipped", {})
    )
