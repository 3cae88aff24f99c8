"""Make Airflow ready, and say what was done: settings, database, admin user, pools, the shop's connection.

Runs in Airflow's environment (airflow/.venv); run it as often as you like.
"""

import json
import os
import secrets
import warnings
from pathlib import Path
from urllib.parse import quote

import home

POOLS = {
    "source_db": (2, "tasks that read the shop's database"),
    "builds": (2, "tasks that compute: each may take engine.memory_limit"),
    "gpu": (1, "tasks that encode"),
}
CONNECTION = "postgres_default"


def main() -> None:
    folder = home.home()
    os.environ["AIRFLOW_HOME"] = str(folder)
    os.environ.setdefault("AIRFLOW__LOGGING__LOGGING_LEVEL", "WARNING")
    warnings.simplefilter("ignore")  # of Airflow's own imports
    changed = home.write_config(folder)
    say("settings", f"{folder / 'airflow.cfg'}", "written" if changed else "as they were")
    say("database", *migrate())
    say("user", *user(folder))
    for name, (slots, what) in POOLS.items():
        say("pool", f"{name} ({slots} slots: {what})", pool(name, slots, what))
    say("connection", *connection())


def say(what: str, name: str, done: str) -> None:
    print(f"{what:<11} {name}: {done}", flush=True)


def migrate() -> tuple[str, str]:
    """Bring the database to the newest schema."""
    from airflow import settings
    from airflow.utils import db

    name = settings.engine.url.render_as_string(hide_password=True)
    try:
        db.check_migrations(0)
    except TimeoutError:
        db.upgradedb()
        if settings.engine.dialect.name == "sqlite":
            with settings.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")  # readers don't stop the writer
        return name, "migrated"
    return name, "at the newest schema"


def user(folder: Path) -> tuple[str, str]:
    """The admin, with a password that is printed once and readable by the owner alone."""
    path = home.passwords(folder)
    known = json.loads(path.read_text("utf-8")) if path.exists() else {}
    if home.ADMIN in known:
        path.chmod(0o600)
        return home.ADMIN, f"is there; its password is in {path}"
    password = secrets.token_urlsafe(18)
    with home.private(path) as stream:
        json.dump({**known, home.ADMIN: password}, stream)
    return home.ADMIN, f"made, password {password} (not shown again; kept in {path})"


def pool(name: str, slots: int, what: str) -> str:
    """Slots changed by hand stay."""
    from airflow.models.pool import Pool

    if Pool.get_pool(name):
        return "is there"
    Pool.create_or_update_pool(name=name, slots=slots, description=what, include_deferred=False)
    return "made"


def connection() -> tuple[str, str]:
    """The shop's database as the environment names it; encrypted in Airflow's own."""
    from airflow.models import Connection
    from airflow.utils.session import create_session
    from sqlalchemy import select

    url = source_url()
    with create_session() as session:
        there = session.scalar(select(Connection).where(Connection.conn_id == CONNECTION))
        if url is None:
            return CONNECTION, "is there" if there else "not made: ML_ETL_SOURCE_URL is not set"
        made = Connection(conn_id=CONNECTION, uri=url)
        if there and there.get_uri() == made.get_uri():
            return CONNECTION, "as it was"
        if there:
            session.delete(there)
            session.flush()
        session.add(made)
        return CONNECTION, "updated from the environment" if there else "made from the environment"


def source_url() -> str | None:
    """ML_ETL_SOURCE_URL, or what ML_ETL_SOURCE_HOST and its like say."""
    given = {
        name: os.environ.get(f"ML_ETL_SOURCE_{name}", "") for name in ("URL", "HOST", "USER", "PASSWORD")
    }
    if given["URL"]:
        return given["URL"]
    if not given["HOST"]:
        return None
    who = ":".join(quote(given[name], safe="") for name in ("USER", "PASSWORD") if given[name])
    where = f"{given['HOST']}:{os.environ.get('ML_ETL_SOURCE_PORT') or 5432}"
    database = quote(os.environ.get("ML_ETL_SOURCE_DATABASE") or "", safe="")
    return f"postgresql://{who}{'@' if who else ''}{where}/{database}"


if __name__ == "__main__":
    main()
