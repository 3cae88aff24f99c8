"""timeseries: made by `make dags` from conf/base/airflow.yml and airflow/dag.py.j2."""

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
**How it sells over time**: releases the dataset `timeseries`, whole or not at all.

- [The card of the current release](/ml_etl/cards/timeseries): what it is made of, and what was checked
- Columns, types, units and rules: `docs/data_dictionary.md`, "timeseries"
- By hand: `kedro run --pipelines timeseries`; what runs did: `kedro runs`
- A run's id is the version of what it releases; retries share it. Its as-of is
  the end of its data interval
  (a day: the shop's midnight before it), unless the parameter `as_of` says otherwise.
- Broken contracts fail at once: look at the task's log, then at the quarantine. The rest is tried again.
"""

STEP = ["--run-id", RUN_ID, "--as-of", AS_OF]

with DAG(
    dag_id="timeseries",
    description="How it sells over time",
    doc_md=ABOUT,
    schedule=CronDataIntervalTimetable("0 5 * * *", timezone="UTC"),
    start_date=datetime.fromisoformat("2017-01-01").replace(tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["ml_etl", "timeseries"],
    params={"as_of": Param(None, type=["null", "string"], description="YYYY-MM-DD; empty: see above")},
    user_defined_macros=MACROS,
    default_args={
        "owner": "data",
        "retries": 4,
        "retry_delay": timedelta(minutes=1),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=30),
        "on_failure_callback": failed,
    },
):
    land = ProjectCommand(
        task_id="land",
        arguments=["step", "timeseries", "land", *STEP],
        pool="source_db",
        execution_timeout=timedelta(minutes=60),
    )
    build = ProjectCommand(
        task_id="build",
        arguments=["step", "timeseries", "build", *STEP],
        pool="builds",
        execution_timeout=timedelta(minutes=180),
    )
    release = ProjectCommand(
        task_id="release",
        arguments=["step", "timeseries", "release", *STEP],
        pool="builds",
        execution_timeout=timedelta(minutes=30),
        on_success_callback=recovered,
    )

    land >> build >> release
