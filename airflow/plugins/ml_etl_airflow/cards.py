"""A page beside Airflow's own: the card of a dataset's current release, for whom Airflow has logged in."""

import html
import json
import subprocess
from pathlib import Path
from typing import Any

from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import HTMLResponse

from ml_etl_airflow.command import PROJECT, kedro

_PATIENCE = 60

app = FastAPI(title="ml_etl", openapi_url=None, docs_url=None, redoc_url=None)


@app.get("/cards/{dataset}", response_class=HTMLResponse, dependencies=[Depends(get_user)])
def card(dataset: str) -> str:
    """What the current release says of itself."""
    if not dataset.isidentifier():
        raise HTTPException(404, "No such dataset.")
    release = _released(dataset)
    entry = release["artefacts"].get("card", {})
    told = json.loads(Path(entry["path"]).read_text("utf-8")) if entry.get("path") else {}
    return _page(release, told)


def _released(dataset: str) -> dict[str, Any]:
    command = [kedro(), "releases", "show", dataset, "--json"]
    shown = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=_PATIENCE)
    if shown.returncode:
        raise HTTPException(404, f"{dataset} is not released yet.")
    return json.loads(shown.stdout)


def _page(release: dict[str, Any], told: dict[str, Any]) -> str:
    title = html.escape(f"{release['dataset']} {release['version']}, as of {release['as_of']}")
    names = ("artefact", "rows", "bytes", "sha256")
    rows = "".join(_row(name, e["rows"], e["bytes"], e["sha256"]) for name, e in release["artefacts"].items())
    parts = [
        f"<!doctype html><meta charset=utf-8><title>{title}</title>",
        "<style>body{font-family:sans-serif;margin:2em}td,th{padding:.2em 1em;text-align:left}</style>",
        f"<h1>{title}</h1><table><tr>{''.join(f'<th>{name}</th>' for name in names)}</tr>{rows}</table>",
        *(f"<h2>{heading}</h2><pre>{_json(part)}</pre>" for heading, part in _shown(release, told)),
    ]
    return "".join(parts)


def _shown(release: dict[str, Any], told: dict[str, Any]) -> list[tuple[str, Any]]:
    return [("Card", told), ("Made from", release["inputs"]), ("Checks", release["checks"])]


def _row(*cells: Any) -> str:
    shown = (html.escape(str(cell)) if cell is not None else "" for cell in cells)
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in shown) + "</tr>"


def _json(value: Any) -> str:
    return html.escape(json.dumps(value, indent=1, ensure_ascii=False))
