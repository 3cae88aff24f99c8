"""What `kedro releases prune` does."""

import contextlib
import datetime as dt
import shutil
import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from ml_etl import config
from ml_etl.errors import Locked
from ml_etl.store import care
from ml_etl.store.locks import hold
from ml_etl.store.manifest import Manifest
from ml_etl.store.versions import DatasetFolder, datasets

_Row = tuple[str, str, str, int]


def prune_releases(env: str | None, dry_run: bool) -> None:
    """Remove what retention lets go: releases, then the quarantine of runs that no release is from.

    Raises:
        Locked: runs are at work on some of the datasets, which are left alone.
    """
    settings, layout, now = config.settings(env), config.layout(env), dt.datetime.now(dt.UTC)
    gone: list[_Row] = []
    kept: set[str] = set()
    held: list[str] = []
    for folder in datasets(layout.releases):
        old: list[Manifest] = []
        try:
            old = _pruned(folder, care.retention_of(folder.dataset, settings), now, dry_run)
        except Locked as error:
            held.append(error.message)
        gone += [(m.dataset, m.version, m.as_of, m.bytes) for m in old]
        kept |= {m.run_id for m in folder.manifests() if m not in old}
    for rejected in care.orphaned(layout.quarantine, kept, settings["retention"]["keep_days"], now):
        gone.append(
            ("quarantine", rejected.name, "", sum(file.stat().st_size for file in rejected.iterdir()))
        )
        if not dry_run:
            shutil.rmtree(rejected)
    _show("Would go" if dry_run else "Pruned", gone)
    if held:
        raise Locked("\n".join(held))


def _pruned(
    folder: DatasetFolder, retention: dict[str, Any], now: dt.datetime, dry_run: bool
) -> list[Manifest]:
    """The versions that go. The dataset is held meanwhile: a run may be adding to one of them."""
    with contextlib.nullcontext() if dry_run else hold(folder, "prune"):
        old = care.prunable(folder, **retention, now=now)
        if old and not dry_run:
            care.prune(folder, old)
    return old


def _show(title: str, gone: list[_Row]) -> None:
    table = Table(title=title, title_justify="left")
    for name in ("what", "version", "as of"):
        table.add_column(name, overflow="fold")
    table.add_column("size", justify="right")
    for what, version, as_of, size in gone:
        table.add_row(what, version, as_of, f"{size / 1e6:,.1f} MB")
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(table if gone else "Nothing is old enough, or it is still cited.")
