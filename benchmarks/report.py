"""The measurements as JSON, as Markdown and on the terminal."""

import json
from pathlib import Path
from typing import Any

from datasets import Dataset
from rich.console import Console
from rich.table import Table

NAMES = {"ours": "ml_etl", "sql": "DuckDB SQL", "pandas": "pandas"}
Rows = list[list[str]]


def report(dataset: Dataset, found: dict[str, Any], folder: Path, console: Console) -> None:
    """Write DATASET.json and DATASET.md, and print the tables."""
    (folder / f"{dataset.name}.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    tables = {
        "Seconds for the same outputs": _scopes(found),
        "Seconds per output": _outputs(dataset, found),
        "What only ml_etl does, seconds": _ours(dataset, found),
        "Bars": _bars(found),
    }
    text = [f"# {dataset.name}: benchmark\n\n{_where(found)}\n"]
    for title, rows in tables.items():
        print_table(title, rows, console)
        text.append(f"## {title}\n\n{markdown(rows)}\n")
    text.append("\n".join(_notes(dataset, found)) + "\n")
    (folder / f"{dataset.name}.md").write_text("\n".join(text), "utf-8")
    console.print(f"[dim]{_where(found)}\n{folder / f'{dataset.name}.md'}[/dim]")


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


def _outputs(dataset: Dataset, found: dict[str, Any]) -> Rows:
    rows = [["size", "output", *NAMES.values(), "ml_etl / SQL"]]
    for size, measured in found["sizes"].items():
        entries = [measured["contenders"][name] for name in NAMES]
        for part in dataset.outputs:
            ours, sql = (entry["parts"].get(part, 0) for entry in entries[:2])
            ratio = f"{ours / sql:.2f}" if sql else "–"
            rows.append([size, part, *(_seconds(entry, part) for entry in entries), ratio])
    return rows


def _ours(dataset: Dataset, found: dict[str, Any]) -> Rows:
    rows = [["size", "first landing", *dataset.only_ours]]
    for size, name, entry in _entries(found):
        if name == "ours":
            first = f"{found['sizes'][size]['first_landing']['seconds']:.2f}"
            rows.append([size, first, *(_seconds(entry, part) for part in dataset.only_ours)])
    return rows


def _bars(found: dict[str, Any]) -> Rows:
    rows = [["bar", "value", "at most", ""]]
    for bar in found["bars"]:
        verdict = "pass" if bar["passed"] else "FAIL"
        rows.append([bar["bar"], f"{bar['value']:.2f}", f"{bar['limit']:.2f}", verdict])
    return rows


def _notes(dataset: Dataset, found: dict[str, Any]) -> list[str]:
    skipped = [
        f"- {size}, {NAMES[name]}: {output} {why}."
        for size, name, entry in _entries(found)
        for output, why in entry["skipped"].items()
    ]
    return [
        *(f"- {note}" for note in dataset.notes),
        *_forecasts(found),
        "- All read the same landed Parquet files; ml_etl's outputs are also hashed, synced and checked.",
        "- First landing is a whole `kedro run` of the landing nodes; landing is looking for news again.",
        "- Start-up is what of the process no node takes: imports, planning, the end of the process.",
        "- Equal in every run: SQL within 1e-12 and exact in keys, counts, dates, decimals; pandas 1e-9.",
        *skipped,
    ]


def _forecasts(found: dict[str, Any]) -> list[str]:
    """What a thousand series take, where any are forecast."""
    notes = []
    for size, name, entry in _entries(found):
        if name == "ours" and (series := entry["rows"].get("models")):
            seconds = 1000 * entry["parts"]["forecasts"] / series
            notes.append(f"- {size}: forecasts and backtest of {series:,} series, {seconds:.0f} s per 1,000.")
    return notes


def _entries(found: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (size, name, entry)
        for size, measured in found["sizes"].items()
        for name, entry in measured["contenders"].items()
    ]


def _seconds(entry: dict[str, Any], part: str) -> str:
    seconds = entry["parts"].get(part, 0)
    return f"{seconds:.2f}" if seconds and part not in entry["skipped"] else "–"


def markdown(rows: Rows) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def print_table(title: str, rows: Rows, console: Console) -> None:
    table = Table(*rows[0], title=title, title_justify="left")
    for row in rows[1:]:
        table.add_row(*row)
    console.print(table)
