"""The tables a run ends with."""

import os
import sys

from rich.console import Console
from rich.table import Table

from ml_etl.run.outcome import Outcome

_SAID = {"build": "", "unchanged": "nothing new", "released": "already released", "empty": "no rows yet"}


def console() -> Console:
    """The terminal's width; wide enough for paths where the output is a file or a pipe."""
    return Console(width=None if sys.stdout.isatty() else 160)


def released_table(outcomes: list[Outcome], seconds: float, by_dataset: dict[str, float]) -> Table:
    """What was released; `seconds` of the whole run, and of each dataset's own steps."""
    table = Table(title=f"Released in {seconds:.1f} s", title_justify="left", expand=False)
    for column in ("dataset", "version", "as of"):
        table.add_column(column, no_wrap=True)
    table.add_column("rows", justify="right", no_wrap=True)
    table.add_column("seconds", justify="right", no_wrap=True)
    table.add_column("path", overflow="fold")
    for outcome in outcomes:
        table.add_row(*_row(outcome, by_dataset.get(outcome.plan.dataset, 0.0)))
    return table


def _row(outcome: Outcome, seconds: float) -> list[str]:
    plan, manifest = outcome.plan, outcome.manifest
    if manifest is None:
        why = "the shop has no rows of it" if plan.status == "empty" else "built in part, not released"
        return [plan.dataset, why, plan.as_of.label, "", "", ""]
    took = _SAID[plan.status] or f"{seconds:.1f}"
    rows = f"{manifest.rows:,}" if manifest.rows is not None else ""
    path = os.path.relpath(outcome.folder) if outcome.folder else ""
    return [plan.dataset, manifest.version, plan.as_of.label, rows, took, path]


def next_commands(dataset: str, env: str | None) -> str:
    """What to try next, in the environment of the run."""
    which, given = (f" --env {env}", f", env={env!r}") if env else ("", "")
    commands = {
        f"kedro releases show {dataset}{which}": "what is in it",
        f"kedro runs{which}": "what runs did",
        f"kedro viz run{which}": "the pipelines, with previews",
        f"from ml_etl import released; released({dataset!r}{given}).read()": "the rows, in Python",
    }
    width = max(len(command) for command in commands)
    return "\n".join(["Next:", *(f"  {command:<{width}}  {why}" for command, why in commands.items())])
