"""What a released dataset's card holds up: tables that a run ends with.

A card may have `highlights`: a title, a warning that must be seen (or ""), and tables, each with a title,
columns, rows of text and a note (or "").
"""

import json
from collections.abc import Iterator
from typing import Any

from rich.console import Console, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from ml_etl.run.outcome import Outcome

_CARD = "card"
_BETWEEN = 2


def highlights(outcome: Outcome, console: Console) -> Iterator[RenderableType]:
    """What to print of one dataset: nothing where its card holds up nothing."""
    shown = _of_card(outcome)
    if not shown:
        return
    yield Text(f"\n{outcome.plan.dataset}: {shown['title']}", style="bold")
    if shown["warning"]:
        yield Panel(Text(shown["warning"], style="bold"), border_style="red", expand=False)
    yield from _side_by_side([_table(**table) for table in shown["tables"]], console)


def _of_card(outcome: Outcome) -> dict[str, Any]:
    if outcome.manifest is None or outcome.folder is None:
        return {}
    entry = outcome.manifest.artefacts.get(_CARD)
    if entry is None or entry.absent or entry.format != "json":
        return {}
    path = outcome.folder.parent / entry.path
    return json.loads(path.read_text("utf-8")).get("highlights") or {}


def _side_by_side(tables: list[Table], console: Console) -> Iterator[Table]:
    """In order, as many in a line as its width holds."""
    line: list[Table] = []
    for table in tables:
        widths = [console.measure(other).maximum + _BETWEEN for other in (*line, table)]
        if line and sum(widths) > console.width:
            yield _line(line)
            line = []
        line.append(table)
    if line:
        yield _line(line)


def _line(tables: list[Table]) -> Table:
    line = Table.grid(padding=(0, _BETWEEN))
    line.add_row(*tables)
    return line


def _table(title: str, columns: list[str], rows: list[list[str]], note: str = "") -> Table:
    table = Table(title=title, title_justify="left", caption=note or None, caption_justify="left")
    for position, name in enumerate(columns):
        numbers = all(_is_number(row[position]) for row in rows)
        table.add_column(name, justify="right" if numbers else "left")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _is_number(cell: str) -> bool:
    return cell[:1].isdigit() or cell in ("", "–")
