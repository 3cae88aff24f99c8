"""`kedro run` with the seconds of each node: `python node_times.py OUT.json run --pipelines ...`.

A node counts from the loading of its inputs to the saving of its outputs: lazy tables run while either.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

from kedro.framework.cli.cli import main
from kedro.runner.task import Task

seconds: dict[str, float] = {}
execute = Task.execute


def _timed(task: Task) -> Any:
    began = time.perf_counter()
    try:
        return execute(task)
    finally:
        seconds[task.node.name] = time.perf_counter() - began


if __name__ == "__main__":
    out = Path(sys.argv.pop(1))
    sys.argv[0] = "kedro"
    Task.execute = _timed
    try:
        main()
    finally:
        out.write_text(json.dumps(seconds))
