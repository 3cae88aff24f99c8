"""Trying again where a connection was cut."""

import logging

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from ml_etl.errors import SourceCut, cause_of

_LONGEST_PAUSE_S = 60


def again_when_cut(tries: int, first_pause_s: float) -> Retrying:
    """Attempts to iterate over: after each cut another one, after a pause twice as long as the one before."""
    return Retrying(
        stop=stop_after_attempt(tries),
        wait=wait_exponential(multiplier=first_pause_s, max=_LONGEST_PAUSE_S),
        retry=retry_if_exception(lambda error: isinstance(cause_of(error), SourceCut)),
        before_sleep=_say,
        reraise=True,
    )


def _say(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    pause = state.next_action.sleep if state.next_action else 0
    logging.getLogger(__name__).warning(
        "%s Landing begins again in %.0f s (try %d failed).",
        cause_of(error) if error else "",
        pause,
        state.attempt_number,
    )
