"""A runner for one step of a dataset's run."""

from dataclasses import replace
from typing import Any

from kedro.io import CatalogProtocol, MemoryDataset
from kedro.pipeline import Pipeline
from kedro.runner import AbstractRunner
from pluggy import PluginManager

from ml_etl.plan import Plan
from ml_etl.run import planning, steps
from ml_etl.run.done import Done
from ml_etl.run.landing import land
from ml_etl.run.outcome import written
from ml_etl.run.runner import PlannedRunner, begin, close, hand_over
from ml_etl.store.locks import hold
from ml_etl.store.versions import DatasetFolder


class StepRunner(PlannedRunner):
    """Runs the nodes of one step, by the plan that the run's first step made.

    The plan is kept on disk: what is landed or released between two steps changes nothing for the second.
    A step also does what earlier ones have not done, where another run has swept their work away.
    """

    def __init__(self, inner: AbstractRunner, dataset: str, step: str):
        super().__init__(inner)
        self._dataset = dataset
        self._step = step

    def run(
        self,
        pipeline: Pipeline,
        catalog: CatalogProtocol,
        hook_manager: PluginManager | None = None,
        run_id: str | None = None,
        only_missing_outputs: bool = False,
    ) -> dict[str, Any]:
        assert run_id is not None
        landing = pipeline.only_nodes_with_tags("landing")
        if self._step == steps.LAND:
            land(self._inner, landing, catalog, hook_manager, run_id)
            return {}
        folder = next(f for f in written(pipeline, catalog) if f.dataset == self._dataset)
        with hold(folder, run_id):
            done = Done(folder, run_id)
            plan = done.plan() or self._planned(folder, run_id, pipeline, catalog)
            catalog["as_of"] = MemoryDataset(plan.as_of, copy_mode="assign")
            hand_over(pipeline, catalog, [plan])
            before = done.steps() if done.plan() else []
            names = self._due(pipeline, before)
            outputs = {}
            if plan.status == "build":
                begin([folder], [plan], float(catalog.load("params:minimum_free_gb")))
                left = self._left(pipeline - landing, catalog, names)
                outputs = self._inner.run(left, catalog, hook_manager, run_id)
            if self._step == steps.RELEASE:
                close([folder], [plan])
                folder.sweep()
            else:
                done.note(plan, [*before, *(name for name in names if name not in before)])
        return outputs

    def _planned(
        self, folder: DatasetFolder, run_id: str, pipeline: Pipeline, catalog: CatalogProtocol
    ) -> Plan:
        asked, shop = catalog.load("params:as_of"), catalog.load("params:shop")
        as_of = steps.newest_as_of(pipeline, asked, str(shop["timezone"]))
        catalog["params:as_of"] = MemoryDataset(as_of, copy_mode="assign")
        plan = planning.plan(folder, run_id, pipeline, catalog, planning.resolve_as_of(pipeline, catalog))
        mine = [manifest for manifest in folder.manifests() if manifest.run_id == run_id]
        if mine and self._step == steps.RELEASE:  # killed after its commit: what came since is another run's
            return replace(plan, status="released", version=mine[-1].version)
        return plan

    def _due(self, pipeline: Pipeline, done: list[str]) -> list[str]:
        """This step, and those it stands on whose work is not there."""
        missing = steps.stands_on(pipeline, self._dataset, self._step) - set(done)
        return [*sorted(missing), self._step]

    def _left(self, rest: Pipeline, catalog: CatalogProtocol, names: list[str]) -> Pipeline:
        wanted = steps.of(rest, self._dataset, names)
        return steps.with_sources(rest, wanted, lambda name: _outlives(catalog, name))


def _outlives(catalog: CatalogProtocol, name: str) -> bool:
    """Whether a dataset is on disk after its process has gone."""
    dataset = catalog.get(name)
    return dataset is not None and not dataset._EPHEMERAL
