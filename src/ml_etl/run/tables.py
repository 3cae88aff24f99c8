"""The tables a run ends with."""

from rich.table import Table

from ml_etl.run.outcome import Outcome

_SAID = {"build": "", "unchanged": "nothing new", "released": "already released"}


def released_table(outcomes: list[Outcome], seconds: float, by_dataset: dict[str, float]) -> Table:
    """What was released; `seconds` of the whole run, and of each dataset's own steps."""
    table = Table(title=f"Released in {seconds:.1f} s", title_justify="left", expand=False)
    for column, justify in (("dataset", "left"), ("version", "left"), ("as of", "left"), ("rows", "right")):
        table.add_column(column, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    table.add_column("seconds", justify="right")
    table.add_column("path", overflow="fold")
    for outcome in outcomes:
        table.add_row(*_row(outcome, by_dataset.get(outcome.plan.dataset, 0.0)))
    return table


def _row(outcome: Outcome, seconds: float) -> list[str]:
    plan, manifest = outcome.plan, outcome.manifest
    if manifest is None:
        return [plan.dataset, "built in part, not released", str(plan.as_of.day), "", "", ""]
    took = _SAID[plan.status] or f"{seconds:.1f}"
    rows = f"{manifest.rows:,}" if manifest.rows is not None else ""
    return [plan.dataset, manifest.version, str(plan.as_of.day), rows, took, str(outcome.folder)]


def next_commands(datasets: list[str]) -> str:
    """What to try next."""
    first = datasets[0]
    return "\n".join(
        (
            "Next:",
            f"  kedro releases show {first}           what is in it",
            "  kedro runs                             what runs did",
            "  kedro viz run                          the pipelines, with previews",
            f'  python -c "from ml_etl import released; print(released({first!r}).read().head().execute())"',
        )
    )
