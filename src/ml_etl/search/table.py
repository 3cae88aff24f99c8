"""Results as a person reads them."""

import json
import re
import sys
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ml_etl.search.hits import Found, Hit


def show(found: Found) -> None:
    """A table: rank, score, what it is, its text with the matched words marked."""
    console = Console(width=None if sys.stdout.isatty() else 160)
    extra = [*dict.fromkeys(name for hit in found.hits for name in hit.more)]
    table = Table(title=found.source, title_justify="left")
    for name in ("", "score", "id"):
        table.add_column(name, no_wrap=True, justify="right" if name in ("", "score") else "left")
    for name in extra:
        table.add_column(name)
    table.add_column("text", overflow="fold", ratio=1)
    table.add_column("matched", overflow="fold")
    for rank, hit in enumerate(found.hits, 1):
        more = [str(hit.more.get(name) if hit.more.get(name) is not None else "") for name in extra]
        words = ", ".join(hit.matched)
        table.add_row(str(rank), f"{hit.score:.3f}", hit.id, *more, _marked(hit), words)
    console.print(table if found.hits else f"{found.source}: nothing found.")
    for note in found.notes:
        console.print(note)
    console.print(f"{found.seconds:.2f} s")


def as_json(found: Found) -> None:
    """The same for scripts."""
    print(json.dumps([asdict(hit) for hit in found.hits], indent=1, ensure_ascii=False, default=str))


def _marked(hit: Hit) -> Text:
    text = Text(hit.text)
    for word in hit.matched:
        text.highlight_regex(rf"\b{re.escape(word)}\b", "bold")
    return text
