"""Airflow's home: where it is, and the settings that differ from Airflow's own."""

import base64
import configparser
import os
import secrets
from pathlib import Path
from typing import TextIO

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
PORT = 8080
ADMIN = "admin"
_LOCK_SECONDS = 60
"""SQLite has one writer at a time, and Airflow several processes: they wait for one another."""


def home() -> Path:
    """AIRFLOW_HOME, else a folder below the project's data."""
    if given := os.environ.get("AIRFLOW_HOME"):
        return Path(given).resolve()
    return (PROJECT / (os.environ.get("ML_ETL_DATA") or "data")).resolve() / "airflow"


def passwords(folder: Path) -> Path:
    return folder / "simple_auth_manager_passwords.json"


def settings(folder: Path) -> dict[str, dict[str, str]]:
    """By section; variables AIRFLOW__SECTION__KEY of the environment win over each of them."""
    return {
        "core": {
            "dags_folder": str(HERE / "dags"),
            "plugins_folder": str(HERE / "plugins"),
            "load_examples": "False",
            "executor": "LocalExecutor",
            "parallelism": "4",
            "simple_auth_manager_users": f"{ADMIN}:admin",
            "simple_auth_manager_passwords_file": str(passwords(folder)),
            "execution_api_server_url": f"http://127.0.0.1:{PORT}/execution/",
        },
        "database": {"sql_alchemy_conn": f"sqlite:///{folder / 'airflow.db'}?timeout={_LOCK_SECONDS}"},
        "logging": {"base_log_folder": str(folder / "logs")},
        "api": {
            "host": "127.0.0.1",
            "port": str(PORT),
            "base_url": f"http://127.0.0.1:{PORT}",
            "workers": "1",
            "expose_config": "False",
        },
    }


def secret_settings() -> dict[str, dict[str, str]]:
    """Keys that are made once: what they have signed or encrypted must stay readable."""
    return {
        "core": {"fernet_key": base64.urlsafe_b64encode(os.urandom(32)).decode()},
        "api": {"secret_key": secrets.token_urlsafe(32)},
        "api_auth": {"jwt_secret": secrets.token_urlsafe(32)},
    }


def write_config(folder: Path) -> list[str]:
    """Bring airflow.cfg up to date, keeping its secrets and what else is in it; which sections changed."""
    folder.mkdir(parents=True, exist_ok=True)
    path, config = folder / "airflow.cfg", configparser.ConfigParser(interpolation=None)
    config.read(path)
    before = {name: dict(config[name]) for name in config.sections()}
    for section, keys in settings(folder).items():
        config.read_dict({section: keys})
    for section, keys in secret_settings().items():
        config.read_dict(
            {section: {key: value for key, value in keys.items() if key not in before.get(section, {})}}
        )
    changed = [name for name in config.sections() if dict(config[name]) != before.get(name)]
    if changed:
        with private(path) as stream:
            config.write(stream)
    return changed


def private(path: Path) -> TextIO:
    """The file, opened for writing by its owner, who alone may read it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    path.chmod(0o600)  # of a file that was there
    return os.fdopen(descriptor, "w", encoding="utf-8")
