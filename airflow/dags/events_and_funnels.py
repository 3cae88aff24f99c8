"""events_and_funnels: made by `make dags` from conf/base/airflow.yml and airflow/dag.py.j2."""

from datetime import UTC, datetime, timedelta

from airflow.sdk import (
    DAG,
    CronDataIntervalTimetable,
    Param,
)

from ml_etl_airflow.command import ProjectCommand
from ml_etl_airflow.moments import AS_OF, MACROS, RUN_ID
from ml_etl_airflow.notify import failed, recovered

ABOUT = """
**What visitors do**: releases the dataset `events`, whole or not at all.

- [The card of the current release](/ml_etl/cards/events): what it is made of, and what was checked
- Columns, types, units and rules: `docs/data_dictionary.md`, "events"
- By hand: `kedro run --pipelines events`; what runs did: `kedro runs`
- A run's id is the version of what it releases; retries share it. Its as-of is
  the end of its data interval
  (to the second), unless the parameter `as_of` says otherwise.
- Broken contracts fail at once: look at the task's log, then at the quarantine. The rest is tried again.
"""

STEP = ["--run-id", RUN_ID, "--as-of", AS_OF]

with DAG(
    dag_id="events_and_funnels",
    description="What visitors do",
    doc_md=ABOUT,
    schedule=CronDataIntervalTimetable("*/15 * * * *", timezone="UTC"),
    start_date=datetime.fromisoformat("2017-01-01").replace(tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["ml_etl", "events"],
    params={"as_of": Param(None, type=["null", "string"], description="YYYY-MM-DD; empty: see above")},
    user_defined_macros=MACROS,
    default_args={
        "owner": "data",
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=5),
        "on_failure_callback": failed,
    },
):
    build = ProjectCommand(
        task_id="build",
        arguments=["step", "events", "build", *STEP],
        pool="builds",
        execution_timeout=timedelta(minutes=60),
    )
    release = ProjectCommand(
        task_id="release",
        arguments=["step", "events", "release", *STEP],
        pool="builds",
        execution_timeout=timedelta(minutes=15),
        on_success_callback=recovered,
    )

    build >> release
