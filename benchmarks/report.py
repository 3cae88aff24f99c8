"""The measurements as JSON, as Markdown and on the terminal."""

import json
from pathlib import Path
from typing import Any

from contenders import ALSO_BOUGHT, CORE, PARTS
from rich.console import Console
from rich.table import Table

NAMES = {"ours": "ml_etl", "sql": "DuckDB SQL", "pandas": "pandas"}
OURS = ("start-up", "landing", "staging contracts", "matrix", "release contracts", "release")
"""What the build does that the others don't."""

Rows = list[list[str]]

assert set(OURS) - {"start-up"} | set(CORE) | set(ALSO_BOUGHT) == set(PARTS)


def report(found: dict[str, Any], folder: Path, console: Console) -> None:
    """Write interactions.json and interactions.md, and print the tables."""
    (folder / "interactions.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    tables = {
        "Seconds for the same outputs": _scopes(found),
        "Seconds per output": _outputs(found),
        "What only ml_etl does, seconds": _ours(found),
        "Bars": _bars(found),
    }
    text = [f"# interactions: benchmark\n\n{_where(found)}\n"]
    for title, rows in tables.items():
        _print(title, rows, console)
        text.append(f"## {title}\n\n{_markdown(rows)}\n")
    text.append("\n".join(_notes(found)) + "\n")
    (folder / "interactions.md").write_text("\n".join(text), "utf-8")
    console.print(f"[dim]{_where(found)}\n{folder / 'interactions.md'}[/dim]")


def _where(found: dict[str, Any]) -> str:
    return f"{found['machine']}; {found['date']}; medians of {found['runs']} run(s)."


def _scopes(found: dict[str, Any]) -> Rows:
    rows = [["size", "contender", "scope", "seconds", "ratio to SQL", "whole process s", "peak MB"]]
    for size, name, entry in _entries(found):
        for scope, seconds in entry["seconds"].items():
            ratio = f"{entry['ratio_to_sql'][scope]:.2f}"
            process = [f"{entry['wall_seconds']:.1f}", f"{entry['peak_mb']:,}"]
            last = process if scope == "total" or len(entry["seconds"]) == 1 else ["", ""]
            rows.append([size, NAMES[name], scope, f"{seconds:.2f}", ratio, *last])
    return rows


def _outputs(found: dict[str, Any]) -> Rows:
    rows = [["size", "output", *NAMES.values(), "ml_etl / SQL"]]
    for size, measured in found["sizes"].items():
        entries = [measured["contenders"][name] for name in NAMES]
        for part in (*CORE, *ALSO_BOUGHT):
            ours, sql = (entry["parts"].get(part, 0) for entry in entries[:2])
            ratio = f"{ours / sql:.2f}" if sql else "–"
            rows.append([size, part, *(_seconds(entry, part) for entry in entries), ratio])
    return rows


def _ours(found: dict[str, Any]) -> Rows:
    rows = [["size", "first landing", *OURS]]
    for size, name, entry in _entries(found):
        if name == "ours":
            first = f"{found['sizes'][size]['first_landing']['seconds']:.2f}"
            rows.append([size, first, *(_seconds(entry, part) for part in OURS)])
    return rows


def _bars(found: dict[str, Any]) -> Rows:
    rows = [["bar", "value", "at most", ""]]
    for bar in found["bars"]:
        verdict = "pass" if bar["passed"] else "FAIL"
        rows.append([bar["bar"], f"{bar['value']:.2f}", f"{bar['limit']:.2f}", verdict])
    return rows


def _notes(found: dict[str, Any]) -> list[str]:
    skipped = [
        f"- {size}, {NAMES[name]}: {output} {why}."
        for size, name, entry in _entries(found)
        for output, why in entry["skipped"].items()
    ]
    return [
        "- Core is everything but also_bought. The npz matrix can't be made in SQL and counts on no side.",
        "- Above 5 million rows nobody writes the CSV.",
        "- All read the same landed Parquet files; ml_etl's outputs are also hashed, synced and checked.",
        "- First landing is a whole `kedro run` of the landing nodes; landing is looking for news again.",
        "- Start-up is what of the process no node takes: imports, planning, the end of the process.",
        "- Equal in every run: SQL within 1e-12 and exact in keys, counts, dates, decimals; pandas 1e-9.",
        *skipped,
    ]


def _entries(found: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (size, name, entry)
        for size, measured in found["sizes"].items()
        for name, entry in measured["contenders"].items()
    ]


def _seconds(entry: dict[str, Any], part: str) -> str:
    seconds = entry["parts"].get(part, 0)
    return f"{seconds:.2f}" if seconds and part not in entry["skipped"] else "–"


def _markdown(rows: Rows) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def _print(title: str, rows: Rows, console: Console) -> None:
    table = Table(*rows[0], title=title, title_justify="left")
    for row in rows[1:]:
        table.add_row(*row)
    console.print(table)
