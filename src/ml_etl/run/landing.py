"""Landing: all tables of one moment, and begun again where the connection was cut."""

import logging

from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline
from kedro.runner import AbstractRunner
from pluggy import PluginManager
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from ml_etl.engine import one_snapshot
from ml_etl.errors import SourceCut, cause_of

_LONGEST_PAUSE_S = 60


def land(
    runner: AbstractRunner,
    landing: Pipeline,
    catalog: CatalogProtocol,
    hook_manager: PluginManager | None,
    run_id: str,
) -> None:
    """Run the landing nodes within one snapshot of the source.

    A cut takes the snapshot with it: all tables are landed again, of another moment. Those that were landed
    before the cut are read from their new cursor on.

    Raises:
        SourceCut: so in every try (`landing` in parameters/run.yml says how many).
    """
    retry = catalog.load("params:landing")
    tries = Retrying(
        stop=stop_after_attempt(int(retry["tries"])),
        wait=wait_exponential(multiplier=float(retry["first_pause_s"]), max=_LONGEST_PAUSE_S),
        retry=retry_if_exception(lambda error: isinstance(cause_of(error), SourceCut)),
        before_sleep=_say,
        reraise=True,
    )
    for attempt in tries:
        with attempt, one_snapshot():
            runner.run(landing, catalog, hook_manager, run_id)


def _say(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    pause = state.next_action.sleep if state.next_action else 0
    logging.getLogger(__name__).warning(
        "%s Landing begins again in %.0f s (try %d failed).",
        cause_of(error) if error else "",
        pause,
        state.attempt_number,
    )
