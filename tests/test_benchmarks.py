"""What the benchmarks run in place of the pipelines' own code still fits it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import PROJECT, Data
from tests.shops import Shop


def test_rows_are_typed_without_being_judged(data: Data, shop: Shop, tmp_path: Path) -> None:
    shop.lines.append(shop.lines[0] | {"price": -1.0})
    data.run("landing", env="files", **shop.write().params)
    times = tmp_path / "nodes.json"
    given = ",".join(f"{name}={value}" for name, value in shop.params.items())
    command = ["run", "--env", "files", "--pipelines", "interactions", "--to-nodes", "count_transactions"]
    run = subprocess.run(
        [sys.executable, "benchmarks/node_times.py", str(times), "--unjudged", *command, "--params", given],
        cwd=PROJECT,
        env={**os.environ, "ML_ETL_DATA": str(data.folder)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    assert {"judge_transactions", "count_transactions"} <= json.loads(times.read_text()).keys()
