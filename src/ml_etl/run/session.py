"""Kedro's session, with one id per logical run."""

import os
import re
from typing import Any

from kedro.framework.session import KedroServiceSession
from kedro.io.core import DatasetError, generate_timestamp
from kedro.runner import AbstractRunner, SequentialRunner

from ml_etl.errors import UsageError, cause_of

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,127}")


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
        **options: Any,
    ) -> dict[str, Any]:
        """Run pipelines; see KedroServiceSession.run for the options.

        Raises:
            UsageError: an unknown pipeline, parameter or id, or a runner that can't share the engine.
            EtlError: any of the others, by what went wrong.
        """
        from kedro.validation.exceptions import ParameterValidationError

        from ml_etl.run.runner import PlannedRunner  # the engine: every `kedro` command imports this module

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
                runner=PlannedRunner(_sequential(runner)),
                runtime_params=params,
                **options,
            )
        except ParameterValidationError as error:
            raise UsageError(f"Parameters (conf/*/parameters or --params): {error}") from error
        except DatasetError as error:
            raise cause_of(error) from error
        except ValueError as error:
            if "Failed to find the pipeline named" in str(error):
                raise UsageError(str(error)) from error
            raise


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
