"""A runner that lands first, then plans, then runs what is left."""

import contextlib
from collections.abc import Iterator
from typing import Any

from kedro.io import CatalogProtocol, MemoryDataset
from kedro.pipeline import Pipeline
from kedro.runner import AbstractRunner
from pluggy import PluginManager

from ml_etl.errors import UsageError
from ml_etl.plan import Plan
from ml_etl.run import planning
from ml_etl.run.disk import require_space
from ml_etl.run.inputs import stages
from ml_etl.run.landing import land
from ml_etl.run.outcome import written
from ml_etl.store.locks import hold
from ml_etl.store.versions import DatasetFolder


class PlannedRunner(AbstractRunner):
    """Runs a pipeline in steps around a plan per dataset.

    The landing nodes run first. What they landed settles the as-of and each dataset's fingerprint; a
    dataset whose fingerprint is CURRENT's is left out, the others run under their lock. Datasets that read
    another one's release are planned when that one is released. The plans are in the catalog as
    `<dataset>.plan`, the datasets built as `building`, the as-of as `as_of`.
    """

    def __init__(self, inner: AbstractRunner):
        super().__init__()
        self._inner = inner

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
        rest = pipeline - landing
        folders = written(pipeline, catalog)
        with _held(folders, run_id):
            land(self._inner, landing, catalog, hook_manager, run_id)
            if not rest.nodes:
                return {}
            as_of = planning.resolve_as_of(pipeline, catalog)
            catalog["as_of"] = MemoryDataset(as_of, copy_mode="assign")
            outputs: dict[str, Any] = {}
            for stage in _stages(pipeline, folders):
                plans = [planning.plan(folder, run_id, pipeline, catalog, as_of) for folder in stage]
                hand_over(pipeline, catalog, plans)
                left = _left(rest, plans)
                _require_inputs(left, catalog)
                begin(stage, plans, float(catalog.load("params:minimum_free_gb")))
                outputs |= self._inner.run(left, catalog, hook_manager, run_id)
                close(stage, plans)
        return outputs

    def _run(self, *args: Any, **kwargs: Any) -> None:
        raise AssertionError("the inner runner runs the nodes")

    def _get_executor(self, max_workers: int) -> None:
        return None


@contextlib.contextmanager
def _held(folders: list[DatasetFolder], run_id: str) -> Iterator[None]:
    with contextlib.ExitStack() as locks:
        for folder in folders:
            locks.enter_context(hold(folder, run_id))
        yield


def _stages(pipeline: Pipeline, folders: list[DatasetFolder]) -> list[list[DatasetFolder]]:
    """The datasets to plan and build together; one empty stage where the pipeline releases none."""
    by_name = {folder.dataset: folder for folder in folders}
    return [[by_name[name] for name in stage] for stage in stages(pipeline, list(by_name))] or [[]]


def hand_over(pipeline: Pipeline, catalog: CatalogProtocol, plans: list[Plan]) -> None:
    """Put into the catalog what the plans settled: what is built, themselves, and what they stand on."""
    building = frozenset(plan.dataset for plan in plans if plan.status == "build")
    catalog["building"] = MemoryDataset(building, copy_mode="assign")
    for plan in plans:
        catalog[f"{plan.dataset}.plan"] = MemoryDataset(plan, copy_mode="assign")
        for name, artefact in planning.given(plan, pipeline, catalog).items():
            catalog[name] = MemoryDataset(artefact, copy_mode="assign")


def _left(rest: Pipeline, plans: list[Plan]) -> Pipeline:
    """What is left to run: not the nodes of datasets with nothing to do, nor staging for nobody."""
    if not plans:
        return rest
    building = {plan.dataset for plan in plans if plan.status == "build"}
    wanted = Pipeline([node for node in rest.nodes if building & set(node.tags)])
    needed = rest.to_nodes(*(node.name for node in wanted.nodes)) if wanted.nodes else wanted
    made = needed.all_outputs()
    beside = [node for node in rest.nodes if "staging" in node.tags and set(node.inputs) <= made]
    return needed + Pipeline(beside)


def _require_inputs(pipeline: Pipeline, catalog: CatalogProtocol) -> None:
    """Raise UsageError where nodes need what is settled with a dataset's plan, and there is none."""
    if missing := sorted(name for name in pipeline.inputs() if name not in catalog):
        raise UsageError(
            f"The nodes asked for write no artefact, so that no release is planned, and need what is settled "
            f"with one: {', '.join(missing)}. Ask for nodes up to one that writes an artefact "
            f"(`kedro registry describe`, `kedro viz run`), or for the whole pipeline."
        )


def begin(folders: list[DatasetFolder], plans: list[Plan], minimum_gb: float) -> None:
    for folder, plan in zip(folders, plans, strict=True):
        if plan.status == "build":
            require_space(folder, minimum_gb, plan.increment.base if plan.increment else None)
            folder.begin(plan.run_id)
        else:
            folder.sweep()


def close(folders: list[DatasetFolder], plans: list[Plan]) -> None:
    """Note that CURRENT is up to date; let it follow a release whose run was killed before that."""
    for folder, plan in zip(folders, plans, strict=True):
        if plan.status == "unchanged":
            folder.confirm()
        elif plan.status == "released":
            folder.advance(folder.manifest(plan.version))
