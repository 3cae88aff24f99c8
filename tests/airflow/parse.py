"""Run in Airflow's environment: parse DAG files by its DagBag and tell as JSON what came of it."""

import json
import sys
import time
from typing import Any

from airflow.dag_processing.dagbag import DagBag


def dag_of(path: str) -> dict[str, Any]:
    began = time.perf_counter()
    bag = DagBag(path)
    seconds = time.perf_counter() - began
    told = {"path": path, "seconds": seconds, "errors": bag.import_errors, "ids": list(bag.dags)}
    return told | {name: value for dag in bag.dags.values() for name, value in facts(dag).items()}


def facts(dag: Any) -> dict[str, Any]:
    when = dag.timetable
    cron, awaited = getattr(when, "timetable", when), getattr(when, "asset_condition", None)
    return {
        "timetable": type(when).__name__,
        "cron": cron.expression,
        "timezone": str(cron.timezone),
        "assets": [asset.name for asset in awaited.objects] if awaited else [],
        "max_active_runs": dag.max_active_runs,
        "catchup": dag.catchup,
        "tags": sorted(dag.tags),
        "docs": dag.doc_md,
        "tasks": {task.task_id: task_facts(task) for task in dag.tasks},
    }


def task_facts(task: Any) -> dict[str, Any]:
    return {
        "class": type(task).__name__,
        "arguments": task.arguments,
        "owner": task.owner,
        "pool": task.pool,
        "retries": task.retries,
        "minutes": task.execution_timeout.total_seconds() / 60,
        "outlets": [asset.name for asset in task.outlets],
        "downstream": sorted(task.downstream_task_ids),
    }


if __name__ == "__main__":
    told = [dag_of(path) for path in sys.argv[1:]]
    print(json.dumps({"dags": told, "modules": sorted({name.split(".")[0] for name in sys.modules})}))
