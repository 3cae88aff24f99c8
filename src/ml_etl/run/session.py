"""Kedro's session, with one id per logical run."""

import os
import re
from typing import Any, NamedTuple

from kedro.framework.session import KedroServiceSession
from kedro.io.core import DatasetError, generate_timestamp
from kedro.runner import AbstractRunner, SequentialRunner

from ml_etl.errors import UsageError, cause_of

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,127}")


class Step(NamedTuple):
    """One step of a dataset's run; see ml_etl.run.steps."""

    dataset: str
    name: str


class EtlSession(KedroServiceSession):
    """A session whose run id comes from ML_ETL_RUN_ID, else from the clock.

    The id is the version of every artefact the run writes; processes that share it (a scheduler's tasks and
    their retries) are one logical run. ML_ETL_AS_OF stands in for the parameter `as_of`.
    """

    def run(  # type: ignore[override]  # the options not named here pass through
        self,
        run_id: str | None = None,
        runner: AbstractRunner | None = None,
        only_missing_outputs: bool = False,
        runtime_params: dict[str, Any] | None = None,
        step: Step | None = None,
        **options: Any,
    ) -> dict[str, Any]:
        """Run pipelines, or one step of a dataset; see KedroServiceSession.run for the options.

        Raises:
            UsageError: an unknown pipeline, parameter or id, or a runner that can't share the engine.
            EtlError: any of the others, by what went wrong.
        """
        from kedro.validation.exceptions import ParameterValidationError

        if only_missing_outputs:
            raise UsageError(
                "--only-missing-outputs: a run already skips what has not changed; leave it out."
            )
        params = dict(runtime_params or {})
        if os.environ.get("ML_ETL_AS_OF"):
            params.setdefault("as_of", os.environ["ML_ETL_AS_OF"])
        try:
            return super().run(
                run_id=_valid(run_id or os.environ.get("ML_ETL_RUN_ID") or generate_timestamp()),
                runner=_planned(_sequential(runner), step),
                runtime_params=params,
                **(options | _only(step) if step else options),
            )
        except ParameterValidationError as error:
            raise UsageError(f"Parameters (conf/*/parameters or --params): {error}") from error
        except DatasetError as error:
            raise cause_of(error) from error
        except ValueError as error:
            if "Failed to find the pipeline named" in str(error):
                raise UsageError(str(error)) from error
            raise


def _planned(inner: SequentialRunner, step: Step | None) -> AbstractRunner:
    """The runner; it needs the engine, and every `kedro` command imports this module."""
    from ml_etl.run.runner import PlannedRunner
    from ml_etl.run.step_runner import StepRunner

    return StepRunner(inner, step.dataset, step.name) if step else PlannedRunner(inner)


def _only(step: Step) -> dict[str, Any]:
    """The options that leave just what the dataset stands on: not the other datasets it reads."""
    from kedro.framework.project import pipelines

    from ml_etl.run import steps

    if (
        step.dataset not in pipelines
        or f"{step.dataset}.release" not in pipelines[step.dataset].all_outputs()
    ):
        raise UsageError(
            f"{step.dataset} is no dataset; `kedro registry list` shows the pipelines there are."
        )
    pipeline = steps.own(pipelines[step.dataset], step.dataset)
    steps.require(pipeline, step.dataset, step.name)
    return {"pipeline_names": [step.dataset], "node_names": [node.name for node in pipeline.nodes]}


def _valid(run_id: str) -> str:
    if not _ID.fullmatch(run_id):
        raise UsageError(
            f"ML_ETL_RUN_ID: expected at most 128 letters, digits and . _ : + -, came {run_id!r}; "
            f"the id names folders."
        )
    return run_id


def _sequential(runner: AbstractRunner | None) -> SequentialRunner:
    if runner is not None and not isinstance(runner, SequentialRunner):
        raise UsageError(
            f"--runner {type(runner).__name__}: lazy tables live in one process and the engine uses all "
            f"cores itself. Use SequentialRunner, and engine.threads in globals.yml."
        )
    return runner or SequentialRunner()
