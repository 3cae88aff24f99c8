"""articles_embeddings: made by `make dags` from conf/base/airflow.yml and airflow/dag.py.j2."""

from datetime import UTC, datetime, timedelta

from airflow.sdk import (
    DAG,
    Asset,
    AssetOrTimeSchedule,
    CronTriggerTimetable,
    Param,
)

from ml_etl_airflow.command import ProjectCommand
from ml_etl_airflow.moments import AS_OF, MACROS, RUN_ID
from ml_etl_airflow.notify import failed, recovered

ABOUT = """
**The articles as vectors**: releases the dataset `embeddings`, whole or not at all.

- [The card of the current release](/ml_etl/cards/embeddings): what it is made of, and what was checked
- Columns, types, units and rules: `docs/data_dictionary.md`, "embeddings"
- By hand: `kedro run --pipelines embeddings`; what runs did: `kedro runs`
- A run's id is the version of what it releases; retries share it. Its as-of is
  that of the release of articles that triggered it, else the moment it started
  (a day: the shop's midnight before it), unless the parameter `as_of` says otherwise.
- Broken contracts fail at once: look at the task's log, then at the quarantine. The rest is tried again.
"""

CATALOGUE = Asset("articles_catalogue", uri="ml-etl://articles_catalogue")
STEP = ["--run-id", RUN_ID, "--as-of", AS_OF]

with DAG(
    dag_id="articles_embeddings",
    description="The articles as vectors",
    doc_md=ABOUT,
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("0 3 * * 0", timezone="UTC"), assets=[CATALOGUE]
    ),
    start_date=datetime.fromisoformat("2017-01-01").replace(tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["ml_etl", "embeddings"],
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
    tfidf = ProjectCommand(
        task_id="tfidf",
        arguments=["step", "embeddings", "tfidf", *STEP],
        pool="builds",
        execution_timeout=timedelta(minutes=60),
    )
    text = ProjectCommand(
        task_id="text",
        arguments=["step", "embeddings", "text", *STEP],
        pool="gpu",
        execution_timeout=timedelta(minutes=360),
    )
    image = ProjectCommand(
        task_id="image",
        arguments=["step", "embeddings", "image", *STEP],
        pool="gpu",
        execution_timeout=timedelta(minutes=720),
    )
    index = ProjectCommand(
        task_id="index",
        arguments=["step", "embeddings", "index", *STEP],
        pool="builds",
        execution_timeout=timedelta(minutes=180),
    )
    release = ProjectCommand(
        task_id="release",
        arguments=["step", "embeddings", "release", *STEP],
        pool="builds",
        execution_timeout=timedelta(minutes=30),
        on_success_callback=recovered,
    )

    tfidf >> text >> image >> index >> release
