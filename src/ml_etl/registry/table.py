"""The table etl_runs, and what is written to and read from it."""

import datetime as dt
from pathlib import Path
from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData()

etl_runs = sa.Table(
    "etl_runs",
    metadata,
    sa.Column("run_id", sa.String(140), primary_key=True),
    sa.Column("dataset", sa.String(80), primary_key=True),
    sa.Column("version", sa.String(150)),
    sa.Column("as_of", sa.String(32)),
    sa.Column("status", sa.String(20), nullable=False),  # running, success, unchanged, failed, interrupted
    sa.Column("started_at", sa.String(40), nullable=False),
    sa.Column("finished_at", sa.String(40)),
    sa.Column("rows_in", sa.BigInteger),
    sa.Column("rows_out", sa.BigInteger),
    sa.Column("rows_quarantined", sa.BigInteger),
    sa.Column("rows_duplicate", sa.BigInteger),
    sa.Column("min_date", sa.String(32)),
    sa.Column("max_date", sa.String(32)),
    sa.Column("artefacts", sa.JSON),
    sa.Column("inputs", sa.JSON),
    sa.Column("parameters_hash", sa.String(64)),
    sa.Column("code_version", sa.String(64)),
    sa.Column("git_commit", sa.String(40)),
    sa.Column("checks", sa.JSON),
    sa.Column("steps", sa.JSON),
    sa.Column("error", sa.Text),
    sa.Column("host", sa.String(255)),
    sa.Column("process", sa.Integer),
    sa.Column("peak_memory_bytes", sa.BigInteger),
    sa.Column("airflow_run", sa.String(255)),
)


def connect(url: str | None, default: Path) -> sa.Engine:
    """The registry at `url`, else SQLite at `default`; the table is made where it is missing."""
    if url is None:
        default.parent.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{default}"
    patience = {"sqlite": {"timeout": 30}, "postgres": {"connect_timeout": 10}}
    given = next((more for kind, more in patience.items() if url.startswith(kind)), {})
    engine = sa.create_engine(_with_driver(url), connect_args=given)
    metadata.create_all(engine)
    return engine


def _with_driver(url: str) -> str:
    """Postgres' URLs are read by psycopg, whatever SQLAlchemy's own choice is."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg{separator}{rest}" if scheme in ("postgres", "postgresql") else url


def write(engine: sa.Engine, run_id: str, dataset: str, values: dict[str, Any]) -> None:
    """Insert the row of (run_id, dataset), or update what `values` names of it."""
    mine = (etl_runs.c.run_id == run_id) & (etl_runs.c.dataset == dataset)
    with engine.begin() as connection:
        if not connection.execute(sa.update(etl_runs).where(mine).values(values)).rowcount:
            now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
            connection.execute(
                sa.insert(etl_runs).values(
                    {"run_id": run_id, "dataset": dataset, "status": "running", "started_at": now, **values}
                )
            )


def read(engine: sa.Engine, run_id: str, dataset: str) -> dict[str, Any] | None:
    """The row of (run_id, dataset)."""
    mine = (etl_runs.c.run_id == run_id) & (etl_runs.c.dataset == dataset)
    with engine.connect() as connection:
        row = connection.execute(sa.select(etl_runs).where(mine)).mappings().first()
    return dict(row) if row else None


def unfinished(engine: sa.Engine, datasets: list[str]) -> list[dict[str, Any]]:
    """Rows of these datasets that still say `running`."""
    open_rows = (etl_runs.c.status == "running") & etl_runs.c.dataset.in_(datasets)
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(sa.select(etl_runs).where(open_rows)).mappings()]


def last(engine: sa.Engine, count: int) -> list[dict[str, Any]]:
    """The newest rows, newest first."""
    newest = sa.select(etl_runs).order_by(etl_runs.c.started_at.desc(), etl_runs.c.dataset).limit(count)
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(newest).mappings()]
