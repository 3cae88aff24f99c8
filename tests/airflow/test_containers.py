"""The Dockerfile and the compose file: linted, and as careful as they say."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import PROJECT

COMPOSE = PROJECT / "airflow" / "compose.yml"
DOCKERFILE = PROJECT / "airflow" / "Dockerfile"


def lint(tool: str, *arguments: str | Path) -> None:
    command = [Path(sys.executable).with_name(tool), *arguments]
    result = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    return yaml.safe_load(COMPOSE.read_text())["services"]


def test_the_dockerfile_is_clean() -> None:
    lint("hadolint", DOCKERFILE)


def test_the_compose_file_follows_the_specification() -> None:
    lint("check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)


def test_what_is_copied_is_there_and_let_through() -> None:
    copied = re.findall(r"^COPY (?:--\S+ )*(.+) \S+$", DOCKERFILE.read_text(), re.MULTILINE)
    ignored = (PROJECT / ".dockerignore").read_text().splitlines()
    for name in (name for line in copied for name in line.split()):
        assert (PROJECT / name).exists(), name
        assert f"!{name.split('/')[0]}" in ignored, name


def test_images_run_as_nobody_in_particular() -> None:
    users = re.findall(r"^USER (\S+)", DOCKERFILE.read_text(), re.MULTILINE)
    assert users[-1] == users[0] == "10001"


def test_ports_are_published_on_loopback_only(services: dict) -> None:
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert sorted(published) == ["127.0.0.1:5000:5000", "127.0.0.1:8080:8080"]


def test_passwords_come_from_outside(services: dict) -> None:
    for name, service in services.items():
        for key, value in service.get("environment", {}).items():
            for password in re.findall(r"://[^:/]+:([^@]+)@", str(value)):
                assert password.startswith("${POSTGRES_PASSWORD:?"), (name, key)
            if re.search("PASSWORD|KEY|URLS$", key):
                assert str(value).startswith("${"), (name, key)


def test_every_service_is_watched_restarted_and_confined(services: dict) -> None:
    whole = yaml.safe_load(COMPOSE.read_text())
    for name, service in services.items():
        assert service["cap_drop"] == ["ALL"] and "privileged" not in service, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert ("healthcheck" in service and service["restart"] == "unless-stopped") or name == "init", name
        assert set(service.get("depends_on", {})) <= set(services), name
        mounts = {volume.split(":")[0] for volume in service["volumes"]}
        assert {m for m in mounts if not m.startswith(".")} <= set(whole["volumes"]), name
        assert all((COMPOSE.parent / m).exists() for m in mounts if m.startswith(".")), name


def test_airflows_parts_are_those_that_make_airflow_starts(services: dict) -> None:
    started = re.findall(
        r'^    "([a-z-]+)": \[', (PROJECT / "airflow/start_airflow.py").read_text(), re.MULTILINE
    )
    assert set(services) == {"postgres", "mlflow", "init", *started}
