"""The pieces the DAGs are made of, tried in Airflow's own environment."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.airflow.conftest import InAirflow
from tests.airflow.listener import Listener
from tests.airflow.test_dags import make_dags

pytestmark = pytest.mark.slow


CLUSTER = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:1"}}],
    "users": [{"name": "u", "user": {}}],
    "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
    "current-context": "x",
}
"""A cluster that is asked nothing: the pod is only described."""


def told(inside: InAirflow, piece: str, *arguments: str, **environment: str) -> Any:
    result = inside.run("-W", "ignore", "tests/airflow/pieces.py", piece, *arguments, **environment)
    assert result.returncode == 0, result.stdout + result.stderr
    return json.loads(result.stdout.splitlines()[-1])


def test_the_runs_id_and_as_of(in_airflow: InAirflow) -> None:
    found = told(in_airflow, "moments")
    assert found == {
        "id": "2020-02-02T04.00.00.123Z",
        "daily": "2020-02-02T03:00:00.123456+00:00",  # the interval's end
        "asked": "2019-12-31",
        "event": "2020-01-03T05:00:00Z",  # the newest of three releases that triggered it
        "weekly": "2020-02-02T05:00:00.123456+00:00",  # no interval: when it started
        "backfill": "2020-02-02T04:00:00.123456+00:00",
        "manual": "2020-02-02T05:00:00.123456+00:00",
        "unstarted": "2020-02-02T04:00:00.123456+00:00",
    }


def test_which_failures_are_final(in_airflow: InAirflow) -> None:
    found = told(in_airflow, "failures")
    assert {code for code, (final, _) in found.items() if final} == {"2", "3", "8"}
    assert found["3"][1] == "contract: Error: articles: 3 rows too many"
    assert found["-9"][1].startswith("killed by signal 9")


def test_commands_get_our_environment_without_airflows_secrets(in_airflow: InAirflow) -> None:
    theirs = {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "sqlite:////tmp/secret-1.db",
        "AIRFLOW_CONN_OTHER": "http://secret-2@other",
        "AIRFLOW_VAR_TOKEN": "secret-3",
    }
    found = told(in_airflow, "environment", ML_ETL_SOURCE_URL="postgresql://s", **theirs)
    assert not [name for name, value in found.items() if "secret-" in value]
    assert (found["ML_ETL_SOURCE_URL"], found["AIRFLOW_CTX_DAG_RUN_ID"]) == ("postgresql://s", "manual__1")


def test_the_source_is_airflows_connection_where_the_environment_names_none(in_airflow: InAirflow) -> None:
    url = "postgresql://reader:p%40ss%2Fword@db:5433/shop"
    found = told(in_airflow, "environment", AIRFLOW_CONN_POSTGRES_DEFAULT=url)
    assert found["ML_ETL_SOURCE_URL"] == url
    assert "ML_ETL_SOURCE_URL" not in told(in_airflow, "environment")


@pytest.mark.parametrize(
    ("child_does", "grace_seconds"),
    [("exec sleep 600", "20"), ("trap '' TERM; while true; do sleep 0.1; done", "1")],
    ids=["ends when asked", "has to be killed"],
)
def test_a_stopped_task_ends_its_command_and_what_that_started(
    in_airflow: InAirflow, tmp_path: Path, child_does: str, grace_seconds: str
) -> None:
    command, child = tmp_path / "kedro", tmp_path / "child"
    command.write_text(f"#!/bin/sh\n({child_does}) &\necho $! > {child}\nwait\n")
    command.chmod(0o755)
    env = {"ML_ETL_KEDRO": str(command), "ML_ETL_SOURCE_URL": "postgresql://s"}
    found = told(in_airflow, "stopped", str(child), grace_seconds, **env)
    assert (found["raised"], found["child"]) == (["killed by signal 15"], False)


def test_gpu_tasks_as_pods(in_airflow: InAirflow, tmp_path: Path) -> None:
    made = make_dags(tmp_path / "dags", "--params", "operator=kubernetes")
    cluster = tmp_path / "kubeconfig"
    cluster.write_text(json.dumps(CLUSTER))
    found = told(in_airflow, "pods", str(made / "articles_embeddings.py"), KUBECONFIG=str(cluster))
    assert {name for name, kind in found["kinds"].items() if kind == "PodCommand"} == {"text", "image"}
    spec = found["specs"]["text"]["spec"]
    container = spec["containers"][0]
    assert (container["image"], container["command"]) == ("ml_etl:0.1.0", ["kedro"])
    assert container["args"][:3] == ["step", "embeddings", "text"]
    assert container["resources"] == {
        "requests": {"cpu": "2", "memory": "8Gi"},
        "limits": {"memory": "16Gi", "nvidia.com/gpu": "1"},
    }
    assert container["envFrom"] == [{"secretRef": {"name": "ml-etl"}}]
    assert {item["name"] for item in container["env"]} == {"ML_ETL_DATA", "AIRFLOW_CTX_DAG_RUN_ID"}
    assert container["volumeMounts"] == [{"name": "data", "mountPath": "/data"}]
    assert spec["volumes"] == [{"name": "data", "persistentVolumeClaim": {"claimName": "ml-etl-data"}}]
    assert found["specs"]["text"]["metadata"]["namespace"] == "ml-etl"
    assert spec["automountServiceAccountToken"] is False
    assert container["securityContext"] == {"allowPrivilegeEscalation": False, "runAsNonRoot": True}


def test_a_contract_broken_in_a_pod_is_final_too(in_airflow: InAirflow) -> None:
    assert told(in_airflow, "pod_failures") == {"3": "AirflowFailException", "5": "AirflowException"}


def test_slacks_webhook_gets_its_own_format(in_airflow: InAirflow) -> None:
    listener = Listener()
    try:
        url = "https://hooks.slack.com/services/T12345678/B12345678/abcdefghijklmnopqrstuvwx"
        told(in_airflow, "slack", str(listener.port), url)
    finally:
        listener.close()
    (sent,) = listener.received
    assert sent["path"] == "/services/T12345678/B12345678/abcdefghijklmnopqrstuvwx"
    text = json.dumps(sent)
    assert "timeseries failed" in text and "contract: too many rows" in text and sent["attachments"]
