"""The init script, on a fresh home and again."""

import re
import stat
import subprocess
from pathlib import Path

import pytest

from tests.airflow.conftest import InAirflow
from tests.conftest import PROJECT

pytestmark = pytest.mark.slow

CANARY = "canary-4711"
ASK = """
import json
from airflow.models import Connection, Pool
from airflow.utils.session import create_session
from sqlalchemy import select
NAMES = ("conn_type", "host", "port", "login", "password", "schema", "is_encrypted")
with create_session() as session:
    pools = {pool.pool: pool.slots for pool in session.scalars(select(Pool))}
    found = session.scalar(select(Connection).where(Connection.conn_id == "postgres_default"))
    told = found and {name: getattr(found, name) for name in NAMES}
print(json.dumps({"pools": pools, "connection": told}))
"""
GPU_BY_HAND = """
from airflow.models import Pool
Pool.create_or_update_pool("gpu", 3, "", False)
print("{}")
"""


def init(inside: InAirflow, script: str = "airflow/init_airflow.sh", **environment: str) -> str:
    result = subprocess.run(
        ["bash", script], cwd=PROJECT, env=inside.environment(**environment), capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_fresh_home_and_again(airflow_python: Path, tmp_path: Path) -> None:
    inside = InAirflow(airflow_python, tmp_path / "home")
    source = f"postgresql://reader:{CANARY}@127.0.0.1:5433/shop"
    first = init(inside, ML_ETL_SOURCE_URL=source)
    for line in ("settings .*: written", "database .*: migrated", "connection .*: made from the environment"):
        assert re.search(line, first), line
    password = re.search(r"password (\S{20,}) \(not shown again", first)
    assert password

    kept = {path: path.read_bytes() for path in inside.home.iterdir() if path.suffix in (".cfg", ".json")}
    again = init(inside, ML_ETL_SOURCE_URL=source)
    assert len(again.splitlines()) == len(first.splitlines())
    assert not re.search("made|migrated|written|updated", again)
    assert password[1] not in again and CANARY not in first + again
    assert kept == {path: path.read_bytes() for path in kept}
    assert {mode(path) for path in kept} == {0o600}

    told = inside.told(ASK)
    assert told["pools"] == {"default_pool": 128, "source_db": 2, "builds": 2, "gpu": 1}
    assert told["connection"] == {
        "conn_type": "postgres",
        "host": "127.0.0.1",
        "port": 5433,
        "login": "reader",
        "password": CANARY,
        "schema": "shop",
        "is_encrypted": True,
    }
    assert not [
        path for path in inside.home.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()
    ]


def test_a_changed_source_is_taken_over_and_what_was_set_by_hand_stays(
    airflow_python: Path, tmp_path: Path
) -> None:
    inside = InAirflow(airflow_python, tmp_path / "home")
    assert "not made: ML_ETL_SOURCE_URL is not set" in init(inside)
    (inside.home / "airflow.cfg").open("a").write("\n[email]\nfrom_email = shop@example.org\n")
    inside.told(GPU_BY_HAND)
    parts = {"HOST": "db", "USER": "reader", "PASSWORD": "p@ss/word", "DATABASE": "shop"}
    made = init(inside, **{f"ML_ETL_SOURCE_{name}": value for name, value in parts.items()})
    assert "made from the environment" in made
    told = inside.told(ASK)
    assert told["pools"]["gpu"] == 3
    assert (told["connection"]["host"], told["connection"]["password"]) == ("db", "p@ss/word")
    assert "updated" in init(inside, ML_ETL_SOURCE_URL="postgresql://other@db/shop")
    assert "from_email = shop@example.org" in (inside.home / "airflow.cfg").read_text()


def test_both_wrappers_are_three_lines_and_call_the_same_script() -> None:
    for name in ("init_airflow.sh", "init_airflow.ps1"):
        lines = (PROJECT / "airflow" / name).read_text().strip().splitlines()
        assert len([line for line in lines if not line.startswith("#")]) <= 3
        assert "init_airflow.py" in lines[-1]
