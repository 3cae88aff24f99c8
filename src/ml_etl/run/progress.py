"""What a person sees while a run works, and the table at its end. It only looks on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from kedro.framework.hooks import hook_impl

from ml_etl.run.clock import StepClock

if TYPE_CHECKING:
    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline
    from kedro.pipeline.node import Node
    from rich.progress import Progress

_WORTH_A_LINE = 1.0
"""Without a terminal, steps that took at least this many seconds get a line."""


class ProgressHook:
    """A progress bar on a terminal, a line per longer step elsewhere, and the releases at the end."""

    def __init__(self) -> None:
        self._progress: Progress | None = None
        self._clock = StepClock()

    @hook_impl
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline) -> None:
        self._clock = StepClock()
        if sys.stderr.isatty():
            self._progress = _bar()
            self._progress.start()
            self._progress.add_task("planning", total=len(pipeline.nodes))

    @hook_impl
    def before_dataset_loaded(self, node: Node) -> None:
        self._clock.start(node)
        if self._progress:
            self._progress.update(self._progress.task_ids[0], description=node.name.replace("_", " "))

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, node: Node) -> None:
        """Lazy nodes return at once; their work is done while their output is saved."""
        seconds = self._clock.running
        if dataset_name != node.outputs[-1]:
            return
        if self._progress is None and seconds >= _WORTH_A_LINE:
            print(f"  {dataset_name} {seconds:.1f} s", file=sys.stderr)
        if self._progress:
            self._progress.advance(self._progress.task_ids[0])

    @hook_impl
    def after_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol
    ) -> None:
        self._stop()
        self._clock.stop()
        from ml_etl.run.highlights import highlights
        from ml_etl.run.outcome import outcomes
        from ml_etl.run.tables import console, next_commands, released_table

        found = outcomes(pipeline, catalog)
        if found:
            screen = console()
            screen.print(released_table(found, self._clock.total, self._clock.by_tag))
            for shown in (part for outcome in found for part in highlights(outcome, screen)):
                screen.print(shown)
            print(next_commands(found[0].plan.dataset, run_params["env"]))

    @hook_impl
    def on_pipeline_error(self, error: Exception) -> None:
        self._stop()

    def _stop(self) -> None:
        if self._progress:
            self._progress.stop()
            self._progress = None


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
