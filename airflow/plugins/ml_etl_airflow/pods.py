"""The same command in a pod, for tasks that need what Airflow's own machine lacks."""

from collections.abc import Sequence
from typing import Any

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk.exceptions import AirflowException
from kubernetes.client import models as k8s

from ml_etl_airflow.command import FINAL, failure

_DATA = "/data"


class PodCommand(KubernetesPodOperator):
    """Runs `kedro ARGUMENTS...` in a pod; what no retry can mend fails at once, as it does without a pod."""

    def __init__(self, *, arguments: Sequence[str], settings: dict[str, Any], **options: Any):
        super().__init__(arguments=list(arguments), **_spec(settings), **options)

    def cleanup(self, pod: Any, remote_pod: Any, *rest: Any, **more: Any) -> None:
        try:
            super().cleanup(pod, remote_pod, *rest, **more)
        except AirflowException as error:
            code = exit_code(remote_pod, self.base_container_name)
            if code in FINAL:
                raise failure(code, [f"pod {remote_pod.metadata.name}"]) from error
            raise


def exit_code(pod: Any, container: str) -> int | None:
    """What the pod's container ended with; None where that is not known."""
    statuses = (pod.status and pod.status.container_statuses) or []
    ended = [s.state.terminated for s in statuses if s.name == container and s.state and s.state.terminated]
    return ended[0].exit_code if ended else None


def _spec(settings: dict[str, Any]) -> dict[str, Any]:
    """The operator's options: image and resources, the environment from a secret, the shared volume."""
    claim = k8s.V1PersistentVolumeClaimVolumeSource(claim_name=settings["data_claim"])
    return {
        "namespace": settings["namespace"],
        "image": settings["image"],
        "cmds": ["kedro"],
        "env_from": [k8s.V1EnvFromSource(secret_ref=k8s.V1SecretEnvSource(name=settings["secret"]))],
        "env_vars": {"ML_ETL_DATA": _DATA, "AIRFLOW_CTX_DAG_RUN_ID": "{{ run_id }}"},
        "container_resources": k8s.V1ResourceRequirements(
            requests=settings["requests"], limits=settings["limits"]
        ),
        "volumes": [k8s.V1Volume(name="data", persistent_volume_claim=claim)],
        "volume_mounts": [k8s.V1VolumeMount(name="data", mount_path=_DATA)],
        "container_security_context": k8s.V1SecurityContext(
            allow_privilege_escalation=False, run_as_non_root=True
        ),
        "automount_service_account_token": False,
        "get_logs": True,
        "log_pod_spec_on_failure": False,  # the environment is in it
        "on_finish_action": "delete_pod",
        "startup_timeout_seconds": 600,
    }
