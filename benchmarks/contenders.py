"""The three contenders, each run once as a process of its own."""

import json
import sqlite3
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from datasets import MAX_CSV_ROWS, TYPED, Dataset
from process import Finished, MemoryLimit, OutOfMemory, measured
from shops import TABLES, Shop


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


PANDAS_GB = 16
_NODE_TIMES = "benchmarks/node_times.py"


def run_ours(dataset: Dataset, shop: Shop, folder: Path) -> Measurement:
    """A whole build of the project over the landed shop, into an empty data folder."""
    data = shop.fresh(folder)
    times = data / "nodes.json"
    command = ["run", "--pipelines", dataset.name, *shop.options]
    log, settings = folder.with_suffix(".log"), {"ML_ETL_DATA": str(data)}
    finished = measured([_NODE_TIMES, str(times), *command], log, settings)
    row = _last_run(data / "08_reporting" / "etl_runs.db")
    outputs = data / "05_model_input" / shop.name / dataset.name / row["version"]
    rows = {name: artefact["rows"] for name, artefact in row["artefacts"].items()}
    nodes = json.loads(times.read_text())
    parts = _parts(dataset, nodes, finished.seconds)
    typed = [node for node in TYPED if node in nodes]
    counted = ",".join(node.replace("judge_", "count_") for node in typed)
    unjudged = ["--unjudged", *command, "--to-nodes", counted]
    measured([_NODE_TIMES, str(times), *unjudged], log, settings)
    without = json.loads(times.read_text())
    judging = sum(max(nodes[node] - without[node], 0.0) for node in typed)
    parts["purchases"] -= judging
    parts["staging contracts"] += judging
    return Measurement(finished.seconds, finished.peak_bytes, parts, outputs, rows, str(row["as_of"]))


def _last_run(registry: Path) -> dict:
    with sqlite3.connect(registry) as connection:
        connection.row_factory = sqlite3.Row
        row = dict(connection.execute("SELECT * FROM etl_runs WHERE status = 'success'").fetchone())
    return row | {"artefacts": json.loads(row["artefacts"])}


def _parts(dataset: Dataset, nodes: dict[str, float], wall: float) -> dict[str, float]:
    """Seconds per part; start-up is what no node takes."""
    parts = dict.fromkeys(dataset.parts, 0.0)
    for node, seconds in nodes.items():
        parts[dataset.part(node)] += seconds
    return parts | {"start-up": wall - sum(nodes.values())}


def run_sql(dataset: Dataset, shop: Shop, folder: Path, ours: Measurement) -> Measurement:
    """The hand-written SQL over the same landed files."""
    return _baseline("benchmarks/sql_baseline.py", dataset, shop, folder, ours)


def run_pandas(dataset: Dataset, shop: Shop, folder: Path, ours: Measurement) -> Measurement:
    """The pandas program over the same landed files; it may have most of the machine."""
    limit = MemoryLimit(PANDAS_GB)
    try:
        return _baseline("benchmarks/pandas_baseline.py", dataset, shop, folder, ours, limit)
    except OutOfMemory:
        why = f"given up: it takes more than {PANDAS_GB} GB"
        return Measurement(0.0, limit.bytes, {}, folder, skipped=dict.fromkeys(dataset.outputs, why))
    finally:
        limit.close()


def _baseline(
    program: str,
    dataset: Dataset,
    shop: Shop,
    folder: Path,
    ours: Measurement,
    limit: MemoryLimit | None = None,
) -> Measurement:
    folder.mkdir(parents=True)
    task = {
        "dataset": dataset.name,
        "shop": shop.kind,
        "landed": {table: files for table in TABLES if (files := shop.landed(table))},
        "as_of": date.fromisoformat(ours.as_of[:10]).isoformat(),
        "out": str(folder),
        "csv": (ours.rows.get("interactions") or 0) <= MAX_CSV_ROWS,
    }
    (folder / "task.json").write_text(json.dumps(task))
    command = [program, str(folder / "task.json")]
    finished: Finished = measured(command, folder.with_suffix(".log"), limit=limit)
    result = json.loads((folder / "result.json").read_text())
    parts = result["seconds"] | {"start-up": finished.seconds - sum(result["seconds"].values())}
    return Measurement(
        finished.seconds, finished.peak_bytes, parts, folder, skipped=result.get("skipped", {})
    )
