"""The start-up: `kedro run` until its first node starts, against importing what it stands on."""

import re
import time
from pathlib import Path
from statistics import median

from process import measured

_IMPORTS = ("-c", "import kedro.framework.cli.cli, ibis.backends.duckdb, pandas")
_RUN = ("benchmarks/first_node.py", "run", "--pipelines", "interactions")


def measure_startup(work: Path, runs: int = 5) -> dict[str, float]:
    """Median seconds of both, measured in turns, and their ratio; the bar is 2."""
    first_node, imports = [], []
    for _ in range(runs):
        first_node.append(_until_first_node(work))
        imports.append(measured(_IMPORTS, work / "imports.log").seconds)
    ours, theirs = median(first_node), median(imports)
    return {"first_node": ours, "imports": theirs, "ratio": ours / theirs}


def _until_first_node(work: Path) -> float:
    began = time.monotonic()
    finished = measured(_RUN, work / "first_node.log", {"ML_ETL_DATA": str(work / "startup")})
    found = re.search(r"first node at ([\d.]+)", finished.output)
    if not found:
        raise SystemExit(f"`kedro run` came to no node:\n{finished.output}")
    return float(found[1]) - began
