"""What `kedro vectors` does."""

import datetime as dt
import sys

from rich.console import Console
from rich.table import Table

from ml_etl import config
from ml_etl.encoders import cache_care


def list_vectors(env: str | None) -> None:
    """The cache by model."""
    path = config.layout(env).vectors
    found = cache_care.spaces(path)
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(_table(f"Vectors in {path}", found) if found else "Nothing is encoded yet.")


def prune_vectors(env: str | None, model: str | None, dry_run: bool) -> None:
    """Remove what nothing has read for long, or all of one model's vectors."""
    path, days = config.layout(env).vectors, config.settings(env)["vectors"]["keep_days"]
    since = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=days)
    old = cache_care.prunable(path, since, model)
    console = Console(width=None if sys.stdout.isatty() else 200)
    if not old:
        why = f"of the model {model}" if model else f"unused for {days} days"
        console.print(f"No vector is {why}.")
        return
    console.print(_table("Would go" if dry_run else "Pruned", old))
    if not dry_run:
        freed = cache_care.prune(path, since, model)
        console.print(f"{path} is {freed / 1e6:,.1f} MB smaller.")


def _table(title: str, found: list[cache_care.Space]) -> Table:
    table = Table(title=title, title_justify="left")
    for name in ("kind", "model", "precision"):
        table.add_column(name, overflow="fold")
    for name in ("vectors", "size"):
        table.add_column(name, justify="right")
    table.add_column("last used")
    for space in found:
        counts = f"{space.vectors:,}", f"{space.bytes / 1e6:,.1f} MB"
        table.add_row(space.kind, space.model, space.precision, *counts, str(space.last_used))
    return table
