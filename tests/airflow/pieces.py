"""Run in Airflow's environment: try the pieces the DAGs are made of, and tell as JSON what they do."""

import datetime as dt
import json
import sys
from types import SimpleNamespace
from typing import Any


def moments() -> dict[str, Any]:
    from ml_etl_airflow.moments import as_of, run_id_of

    def at(hour: int, day: int = 2) -> dt.datetime:
        return dt.datetime(2020, 2, day, hour, 0, 0, 123456, tzinfo=dt.UTC)

    def run(**more: Any) -> SimpleNamespace:
        none = {"data_interval_start": None, "data_interval_end": None, "run_type": "manual"}
        return SimpleNamespace(**{**none, "run_after": at(4), "start_date": at(5), **more})

    daily = run(data_interval_start=at(3, 1), data_interval_end=at(3), run_type="scheduled")
    weekly = run(data_interval_start=at(3), data_interval_end=at(3), run_type="scheduled")
    late = run(data_interval_start=at(3), data_interval_end=at(3), run_type="backfill")
    events = {"articles": [SimpleNamespace(extra={"as_of": f"2020-01-0{n}T05:00:00Z"}) for n in (2, 3, 1)]}
    return {
        "id": run_id_of(daily),
        "daily": as_of({"as_of": None}, daily),
        "asked": as_of({"as_of": "2019-12-31"}, daily, events),
        "event": as_of({}, run(run_type="asset_triggered"), events),
        "weekly": as_of({}, weekly, {}),
        "backfill": as_of({}, late),
        "manual": as_of({}, run()),
        "unstarted": as_of({}, run(start_date=None)),
    }


def failures() -> dict[str, Any]:
    from airflow.sdk.exceptions import AirflowFailException

    from ml_etl_airflow.command import failure

    said = ["Traceback", "Error: articles: 3 rows too many", "and more"]
    found = {code: failure(code, said) for code in (1, 2, 3, 4, 5, 6, 8, -9)}
    return {str(code): [isinstance(e, AirflowFailException), str(e)] for code, e in found.items()}


def environment() -> dict[str, str]:
    from ml_etl_airflow.command import environment

    return environment({"dag_run": SimpleNamespace(run_id="manual__1")})


def stopped(pid_file: str, grace_seconds: str) -> dict[str, Any]:
    """A command that does not end, stopped as at a time-out: what is raised; does its child live on?"""
    import threading
    import time
    from pathlib import Path

    import psutil
    from airflow.sdk.exceptions import AirflowException

    from ml_etl_airflow import command
    from ml_etl_airflow.command import ProjectCommand

    command._GRACE_SECONDS = float(grace_seconds)
    task, raised = ProjectCommand(task_id="build", arguments=["step", "articles", "build"]), []

    def call() -> None:
        try:
            task.call({"dag_run": SimpleNamespace(run_id="manual__1")})
        except AirflowException as error:
            raised.append(str(error))

    thread = threading.Thread(target=call)
    thread.start()
    while not (Path(pid_file).exists() and Path(pid_file).read_text().strip()):
        time.sleep(0.05)
    task.on_kill()
    thread.join(10)
    try:
        alive = psutil.Process(int(Path(pid_file).read_text())).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        alive = False
    return {"raised": raised, "child": alive}


SETTINGS = {"namespace": "n", "image": "i", "secret": "s", "data_claim": "d", "requests": {}, "limits": {}}


def pods(path: str) -> dict[str, Any]:
    from airflow.dag_processing.dagbag import DagBag
    from kubernetes.client import ApiClient

    bag = DagBag(path)
    assert not bag.import_errors, bag.import_errors
    dag = next(iter(bag.dags.values()))
    kinds = {task.task_id: type(task).__name__ for task in dag.tasks}
    inside = [task for task in dag.tasks if type(task).__name__ == "PodCommand"]
    specs = {task.task_id: task.build_pod_request_obj() for task in inside}
    return {"kinds": kinds, "specs": ApiClient().sanitize_for_serialization(specs)}


def pod_failures() -> dict[str, Any]:
    """What is raised where a pod ended with a code: its class, and the text."""
    from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
    from airflow.sdk.exceptions import AirflowException
    from kubernetes.client import models as k8s

    from ml_etl_airflow.pods import PodCommand

    def cleaned(*_: Any, **__: Any) -> None:
        raise AirflowException("Pod returned a failure.")

    KubernetesPodOperator.cleanup = cleaned  # there is no cluster to clean up in
    told = {}
    for code in (3, 5):
        ended = k8s.V1ContainerState(terminated=k8s.V1ContainerStateTerminated(exit_code=code))
        status = k8s.V1ContainerStatus(
            name="base", image="i", image_id="i", ready=False, restart_count=0, state=ended
        )
        pod = k8s.V1Pod(
            metadata=k8s.V1ObjectMeta(name="p"), status=k8s.V1PodStatus(container_statuses=[status])
        )
        task = PodCommand(task_id="text", arguments=[], settings=SETTINGS)
        try:
            task.cleanup(pod, pod)
        except AirflowException as error:
            told[str(code)] = type(error).__name__
    return told


def slack(port: str, url: str) -> dict[str, Any]:
    """A failure, told to Slack's webhook: its address is apprise's, but for the host."""
    from apprise.plugins.slack import NotifySlack

    from ml_etl_airflow import notify

    NotifySlack.webhook_url = f"http://127.0.0.1:{port}/services"
    import os

    os.environ[notify.URLS] = url
    notify.Variable.set = staticmethod(lambda *_: None)
    ti = SimpleNamespace(dag_id="timeseries", task_id="build", run_id="scheduled__1", log_url="http://log")
    notify.failed({"ti": ti, "exception": "contract: too many rows"})
    return {}


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))
