"""A run's id and its as-of, from what Airflow knows of a DAG run: texts for its templates."""

from datetime import datetime
from typing import Any

RUN_ID = "{{ run_id_of(dag_run) }}"
AS_OF = "{{ as_of(params, dag_run, triggering_asset_events) }}"


def run_id_of(dag_run: Any) -> str:
    """The version of what this DAG run makes: from its run_after, so all tasks and retries share it."""
    return dag_run.run_after.strftime("%Y-%m-%dT%H.%M.%S.%f")[:-3] + "Z"


def as_of(params: dict[str, Any], dag_run: Any, events: Any = None) -> str:
    """What was asked for; else the as-of of the release that triggered the run; else its interval's end.

    A run without an interval (weekly or by an event, or started by hand without a date) takes the moment it
    started, since it was due for what is known by then; a backfill the moment it would have been due.
    """
    if asked := params.get("as_of"):
        return str(asked)
    if told := _told(events):
        return max(told, key=datetime.fromisoformat)
    start, end = dag_run.data_interval_start, dag_run.data_interval_end
    if start and end and start < end:
        return end.isoformat()
    late = dag_run.run_type != "backfill" and dag_run.start_date
    return (late or dag_run.run_after).isoformat()


def _told(events: Any) -> list[str]:
    """The as-of of each release among the events that triggered the run."""
    by_asset = events.values() if events else []
    return [event.extra["as_of"] for some in by_asset for event in some if "as_of" in (event.extra or {})]


MACROS = {"run_id_of": run_id_of, "as_of": as_of}
