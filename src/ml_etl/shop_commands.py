"""What `kedro shop` does."""

import sys
from pathlib import Path
from typing import Any

import click
import ibis.expr.types as ir
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ml_etl import config
from ml_etl.errors import UsageError, cause_of
from ml_etl.layout import PROJECT, Layout

_SAID = {"loaded": "loaded", "unchanged": "is there already", "absent": "the shop has none"}


def load(env: str | None, target: str, params: dict[str, Any]) -> None:
    """Fill the Postgres of environment `target` from the shop of `env`."""
    from ml_etl.engine import engine_of
    from ml_etl.shop.load import load_shop

    into = config.settings(target).get("source")
    if not into:
        raise UsageError(f"--to {target}: that environment's globals.yml has no `source` to be filled.")
    settings = config.settings(env)
    engine = engine_of(settings["engine"], Layout.of(settings["data"], settings["shop"]))
    with _Shown() as shown:
        for loaded in load_shop(_tables(env, params), engine, into["schema"], shown.more):
            shown.done(loaded)


def simulate(
    transactions: float, seed: int, folder: str, events: float | None, reviews: float | None, truth: bool
) -> None:
    """Write a simulated shop into a folder."""
    from ml_etl.shop.simulator import Plan, simulate_shop

    numbers = {"transactions": transactions, "events": events, "reviews": reviews}
    for name, number in numbers.items():
        if number is not None and number < (1 if name == "transactions" else 0):
            raise UsageError(f"--{name} {number:g}: expected how many, such as 1e6.")
    plan = Plan(
        round(transactions),
        seed,
        None if events is None else round(events),
        None if reviews is None else round(reviews),
    )
    out = Path(folder).expanduser()
    with _Shown() as shown:
        rows = simulate_shop(plan, out, truth, shown.upto)
    for table, count in rows.items():
        click.echo(f"{table:<14}{count:>12,} rows")
    click.echo(f"Run it: kedro run --env files --params shop_folder={out},shop_timezone=Europe/Stockholm")


def _tables(env: str | None, params: dict[str, Any]) -> dict[str, ir.Table]:
    """The shop's tables, by name, as its catalog gives them."""
    from kedro.framework.startup import bootstrap_project
    from kedro.io.core import DatasetError

    from ml_etl.contracts import SOURCE
    from ml_etl.engine import PostgresRows
    from ml_etl.run.session import EtlSession

    bootstrap_project(PROJECT)
    with EtlSession.create(project_path=PROJECT, env=env) as session:
        assert isinstance(session, EtlSession)
        catalog = session.load_context(runtime_params=params).catalog
        try:
            tables = {name: catalog.load(f"source.{name}") for name in SOURCE}
        except DatasetError as error:
            raise cause_of(error) from None
    if any(isinstance(table, PostgresRows) for table in tables.values()):
        raise UsageError(f"--env {env}: that shop is in Postgres itself.")
    return tables


class _Shown:
    """A bar per table on a terminal, a line per table elsewhere."""

    def __init__(self) -> None:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:,}/{task.total:,}"),
        )
        self._progress = Progress(
            *columns,
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._tasks: dict[str, Any] = {}

    def more(self, table: str, rows: int, total: int) -> None:
        if table not in self._tasks:
            self._tasks[table] = self._progress.add_task(table, total=total)
        self._progress.advance(self._tasks[table], rows)

    def upto(self, what: str, made: int, total: int) -> None:
        """Like `more`, told how much there is by now."""
        self.more(what, 0, total)
        self._progress.update(self._tasks[what], completed=made)

    def done(self, loaded: Any) -> None:
        rows = f"{loaded.rows:>12,} rows" if loaded.state != "absent" else " " * 17
        self._progress.console.print(f"{loaded.table:<14}{rows}  {_SAID[loaded.state]}", highlight=False)
        for note in loaded.notes:
            self._progress.console.print(f"  {note}", highlight=False)

    def __enter__(self) -> "_Shown":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
