"""What etl_runs says of a finished run, and of one that never finished."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any

from ml_etl.files import digest
from ml_etl.processes import alive
from ml_etl.store.versions import DatasetFolder

if TYPE_CHECKING:
    from ml_etl.run.outcome import Outcome

_STATUS = {"build": "success", "unchanged": "unchanged", "released": "success", "empty": "unchanged"}


def finished(outcome: Outcome, steps: dict[str, float]) -> dict[str, Any]:
    """The columns of a run that ended well."""
    plan, manifest = outcome.plan, outcome.manifest
    values: dict[str, Any] = {
        "status": _STATUS[plan.status] if manifest or plan.status == "empty" else "partial",
        "version": plan.version,
        "as_of": plan.as_of.label,
        "inputs": plan.inputs,
        "parameters_hash": digest(plan.parameters),
        "code_version": plan.fingerprint,
        "steps": steps,
    }
    if manifest is None:
        return values
    tables = manifest.checks.get("tables", {})
    return values | {
        "rows_in": _total(tables, "rows_in"),
        "rows_quarantined": _total(tables, "quarantined"),
        "rows_duplicate": _total(tables, "duplicates"),
        "rows_out": _total(tables, "rows_out"),
        "min_date": manifest.checks.get("min_date"),
        "max_date": manifest.checks.get("max_date"),
        "checks": manifest.checks,
        "artefacts": {
            name: {"path": entry.path, "bytes": entry.bytes, "sha256": entry.sha256, "rows": entry.rows}
            for name, entry in manifest.artefacts.items()
        },
    }


def _total(tables: dict[str, dict[str, int]], name: str) -> int:
    return sum(counts[name] for counts in tables.values())


def continued(before: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """What another process of the same run adds to its row: the run began with the first of them."""
    values = dict(values)
    values.pop("started_at", None)
    if "steps" in values:
        values["steps"] = {**(before["steps"] or {}), **values["steps"]}
    if "peak_memory_bytes" in values:
        values["peak_memory_bytes"] = max(before["peak_memory_bytes"] or 0, values["peak_memory_bytes"] or 0)
    return values


def reconciled(row: dict[str, Any], folder: DatasetFolder) -> str | None:
    """The true status of a row that says `running`, or None while its process may still live.

    A run that was killed after its commit did release: the store, not the registry, is the authority.
    """
    mine = row["process"] == os.getpid()  # an id used again: the one that left the row is gone
    if row["host"] != socket.gethostname() or (not mine and alive(row["process"])):
        return None
    return "success" if folder.exists(row["run_id"]) else "interrupted"
