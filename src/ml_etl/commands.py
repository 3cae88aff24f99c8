"""What the commands do; each prints a table, or JSON for scripts."""

import datetime as dt
import json
import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from ml_etl import config
from ml_etl.errors import Damaged, SourceUnreachable, Stale, UsageError
from ml_etl.store import care
from ml_etl.store.manifest import Entry, Manifest
from ml_etl.store.versions import DatasetFolder, datasets


def _console() -> Console:
    """Wide enough for paths where the output is a file or a pipe."""
    return Console(width=None if sys.stdout.isatty() else 200)


def list_releases(env: str | None, check: bool) -> None:
    """Every dataset's versions, newest first; with `check`, fail where one is late."""
    layout, settings = config.layout(env), config.settings(env)
    table = _table("Releases", "dataset", "version", "as of", "rows", "size", "released", "")
    late, now = [], dt.datetime.now(dt.UTC)
    for folder in datasets(layout.releases):
        told = care.survey(folder)
        for manifest in reversed(told.manifests):
            mark = "CURRENT" if told.current and manifest.version == told.current.version else ""
            table.add_row(*_release_row(manifest), mark)
        for damage in told.unreadable:
            table.add_row(damage.dataset, damage.version, "", "", "", "", "damaged")
    for name, schedule in settings["datasets"].items():
        if why := care.stale(DatasetFolder(layout.releases, name), schedule, now):
            late.append(f"{name}: {why}")
    _console().print(table if table.row_count else "Nothing is released yet. `kedro run` builds it all.")
    if check and late:
        raise Stale("Stale: " + "; ".join(late) + ". Run `kedro run`, or look at `kedro runs`.")


def show_release(env: str | None, dataset: str, version: str | None, as_json: bool) -> None:
    """One release's artefacts with paths, rows, bytes and hashes."""
    folder = _folder(env, dataset)
    current = folder.current()
    if version is None and current is None:
        raise UsageError(f"{dataset} has no CURRENT. `kedro run --pipelines {dataset}` releases it.")
    manifest = folder.manifest(version or current.version)  # type: ignore[union-attr]
    if as_json:
        print(json.dumps(_as_json(folder, manifest), indent=1, ensure_ascii=False))
        return
    table = _table(
        f"{dataset} {manifest.version}, as of {manifest.as_of}", "artefact", "rows", "size", "sha256", "path"
    )
    for entry in manifest.artefacts.values():
        path = f"absent: {entry.absent}" if entry.absent else _path(folder, entry)
        table.add_row(entry.name, _count(entry.rows), _size(entry.bytes), entry.sha256[:12], path)
    _console().print(table)


def tell_news(env: str | None, dataset: str, run_id: str) -> None:
    """Print what the release of this run says of its news: by its catalog_change, where it has one."""
    folder = DatasetFolder(config.layout(env).releases, dataset)
    mine = [manifest for manifest in folder.manifests() if manifest.run_id == run_id]
    told: dict[str, Any] = {
        "dataset": dataset,
        "changed": False,
        "reasons": [f"run {run_id} released nothing"],
    }
    if mine:
        told |= {"version": mine[-1].version, "as_of": mine[-1].as_of, **_news(folder, mine[-1])}
    print(json.dumps(told, ensure_ascii=False))


def _news(folder: DatasetFolder, manifest: Manifest) -> dict[str, Any]:
    entry = manifest.artefacts.get("catalog_change")
    if entry is None:
        return {"changed": True, "reasons": ["a new release"]}
    change = json.loads((folder.path / entry.path).read_text("utf-8"))
    return {"changed": change["catalog_changed"], "reasons": change["reasons"]}


def verify_releases(env: str | None) -> None:
    """Re-hash all; raise Damaged with the list of what is not whole."""
    found = datasets(config.layout(env).releases)
    damaged = [damage for folder in found for damage in care.damages(folder)]
    if damaged:
        lines = "\n".join(f"  {d.dataset} {d.version}: {d.path}: {d.what}" for d in damaged)
        raise Damaged(
            f"{len(damaged)} damaged:\n{lines}\nRun the dataset again, or promote a whole version "
            f"(`kedro releases promote`)."
        )
    versions = sum(len(folder.versions()) for folder in found)
    _console().print(f"{versions} versions of {len(found)} datasets are whole.")


def promote_release(env: str | None, dataset: str, version: str) -> None:
    """Point CURRENT at a whole version."""
    from ml_etl.store.locks import hold

    folder = _folder(env, dataset)
    manifest = folder.manifest(version)
    if broken := [d for d in care.damages(folder) if d.version == version]:
        raise Damaged(f"{dataset} {version} is damaged ({broken[0].path}: {broken[0].what}); CURRENT stays.")
    with hold(folder, f"promote {version}"):
        folder.point(version)
    _console().print(f"{dataset}: CURRENT is {version}, as of {manifest.as_of}.")


def list_runs(env: str | None, last: int, as_json: bool) -> None:
    """The newest rows of etl_runs."""
    from ml_etl.registry import table as registry

    try:
        engine = registry.connect(config.settings(env)["registry_url"], config.layout(env).registry)
        rows = registry.last(engine, last)
    except Exception as error:  # the drivers' errors have no common base, and some repeat the URL
        raise SourceUnreachable(
            f"etl_runs can't be read ({type(error).__name__}). Look at ML_ETL_REGISTRY_URL: is it the "
            f"URL of a database that can be reached, and is its driver installed?"
        ) from None
    if as_json:
        print(json.dumps(rows, indent=1, ensure_ascii=False, default=str))
        return
    shown = _table(
        "Runs",
        "started",
        "run",
        "dataset",
        "status",
        "as of",
        "rows in",
        "out",
        "quarantined",
        "duplicate",
        "seconds",
        "memory",
        "error",
    )
    for row in rows:
        shown.add_row(*_run_row(row))
    _console().print(shown if rows else "No run yet.")


def _path(folder: DatasetFolder, entry: Entry) -> str:
    """An artefact's file or folder; of one whose files are several versions', how many they are."""
    versions = {file.path.split("/")[0] for file in entry.files}
    if len(versions) < 2:
        return str(folder.path / entry.path)
    return f"{len(entry.files)} files of {len(versions)} versions in {folder.path}"


def _folder(env: str | None, dataset: str) -> DatasetFolder:
    folder = DatasetFolder(config.layout(env).releases, dataset)
    if not folder.versions():
        have = ", ".join(f.dataset for f in datasets(folder.releases)) or "none yet"
        raise UsageError(f"{dataset} is not released; released: {have}.")
    return folder


def _as_json(folder: DatasetFolder, manifest: Manifest) -> dict[str, Any]:
    """The manifest with absolute paths."""
    content = manifest.to_json()
    for entry in content["artefacts"].values():
        entry["path"] = str(folder.path / entry["path"])
        for file in entry["files"]:
            file["path"] = str(folder.path / file["path"])
    return content


def _release_row(manifest: Manifest) -> list[str]:
    return [
        manifest.dataset,
        manifest.version,
        manifest.as_of,
        _count(manifest.rows),
        _size(manifest.bytes),
        manifest.released_at,
    ]


def _run_row(row: dict[str, Any]) -> list[str]:
    memory = _size(row["peak_memory_bytes"]) if row["peak_memory_bytes"] else ""
    counts = [_count(row[name]) for name in ("rows_in", "rows_out", "rows_quarantined", "rows_duplicate")]
    error = (row["error"] or "").splitlines()[0][:80] if row["error"] else ""
    return [
        row["started_at"],
        row["run_id"],
        row["dataset"],
        row["status"],
        row["as_of"] or "",
        *counts,
        _seconds(row),
        memory,
        error,
    ]


def _seconds(row: dict[str, Any]) -> str:
    if not row["finished_at"]:
        return ""
    took = dt.datetime.fromisoformat(row["finished_at"]) - dt.datetime.fromisoformat(row["started_at"])
    return f"{took.total_seconds():.0f}"


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    numbers = {"rows", "size", "rows in", "out", "quarantined", "duplicate", "seconds", "memory"}
    for name in columns:
        table.add_column(name, justify="right" if name in numbers else "left", overflow="fold")
    return table


def _count(number: int | None) -> str:
    return f"{number:,}" if number is not None else ""


def _size(number: int) -> str:
    return f"{number / 1e6:,.1f} MB"
