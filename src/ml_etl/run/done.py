"""What the processes of one run tell one another: the plan that the first of them made, the steps done."""

import json
from typing import Any

from pydantic import TypeAdapter

from ml_etl.files import write_json
from ml_etl.plan import Plan
from ml_etl.store.versions import DatasetFolder, writing

_PLAN = TypeAdapter(Plan)


class Done:
    """The record of a run in steps; it lies beside the staged artefacts and goes with them."""

    def __init__(self, folder: DatasetFolder, run_id: str):
        self._folder = folder
        self._run_id = run_id
        self._path = folder.records(run_id) / "kept" / "steps.json"

    def steps(self) -> list[str]:
        return self._read().get("done", [])

    def plan(self) -> Plan | None:
        """The plan of the steps done; None before the first one, and once the run has released."""
        kept = self._read()
        if not kept.get("done"):
            return None
        plan = _PLAN.validate_python(kept["plan"])
        lost = plan.status == "build" and not self._folder.staged(self._run_id).is_dir()
        return None if lost or (plan.status == "build" and self._folder.exists(plan.version)) else plan

    def note(self, plan: Plan, steps: list[str]) -> None:
        """These steps are done, by this plan."""
        with writing(f"{plan.dataset} (steps of run {plan.run_id})"):
            write_json(self._path, {"plan": _PLAN.dump_python(plan, mode="json"), "done": steps})

    def _read(self) -> dict[str, Any]:
        return json.loads(self._path.read_text("utf-8")) if self._path.exists() else {}
