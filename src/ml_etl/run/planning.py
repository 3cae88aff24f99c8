"""From what is landed to what is to be done: the as-of, the fingerprint, the plan."""

import datetime as dt
import re
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import ibis
from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline
from pydantic import BaseModel

from ml_etl.absent import Absent
from ml_etl.as_of import AsOf, day_of
from ml_etl.engine import LandedTable
from ml_etl.errors import UsageError
from ml_etl.files import digest
from ml_etl.plan import Plan, Status
from ml_etl.run.fingerprint import code_of
from ml_etl.store.artefact import Artefact
from ml_etl.store.versions import DatasetFolder

_PREVIOUS = "previous."


def resolve_as_of(catalog: CatalogProtocol) -> AsOf:
    """The parameter `as_of`, else the end of the newest day in the data that is over by now."""
    timezone = str(catalog.load("params:shop")["timezone"])
    today = dt.datetime.now(_zone(timezone)).date()
    asked = catalog.load("params:as_of")
    day = _day(asked) if asked is not None else _after_newest_day(catalog, timezone, today)
    return AsOf(day, timezone, today)


def _zone(timezone: str) -> ZoneInfo:
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise UsageError(
            f"shop.timezone: {timezone!r} is no IANA time zone, such as Europe/Berlin."
        ) from None


def _day(asked: Any) -> dt.date:
    try:
        return asked if isinstance(asked, dt.date) else dt.date.fromisoformat(str(asked))
    except ValueError:
        raise UsageError(f"as_of: expected a day as YYYY-MM-DD, came {asked!r}.") from None


def _after_newest_day(catalog: CatalogProtocol, timezone: str, today: dt.date) -> dt.date:
    landed = catalog.load("landing.transactions")
    day = day_of(landed, timezone)
    newest = landed.aggregate(newest=day.max(where=day < ibis.literal(today)))
    dataset = catalog.get("landing.transactions")
    assert isinstance(dataset, LandedTable)
    found = dataset.engine.first_row(newest)["newest"]
    return found + dt.timedelta(days=1) if found else today


def plan(
    folder: DatasetFolder, run_id: str, pipeline: Pipeline, catalog: CatalogProtocol, as_of: AsOf
) -> Plan:
    """Compare what this run would build with what is released."""
    whole = _whole(pipeline, folder.dataset)
    moment = as_of.moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    former = folder.newest(before=moment) if previous_inputs(whole, folder.dataset) else None
    inputs: dict[str, Any] = {"landing": _landed(whole, catalog)}
    if former:
        inputs["previous"] = former.version
    parameters = _parameters(whole, catalog)
    fingerprint = digest(
        {
            "code": code_of(folder.dataset),
            "inputs": inputs,
            "parameters": parameters,
            "as_of": as_of.moment,
        }
    )
    previous = folder.newest(until=moment)
    version, status = _version(folder, run_id, fingerprint, released=_releases(pipeline, folder))
    return Plan(
        folder.dataset,
        run_id,
        version,
        as_of,
        fingerprint,
        status,
        inputs,
        parameters,
        previous.rows if previous else None,
        former.version if former else None,
    )


def previous_inputs(pipeline: Pipeline, dataset: str) -> list[str]:
    """The inputs `previous.DATASET.…`: artefacts of this dataset's newest release of an earlier as-of."""
    return sorted(name for name in pipeline.inputs() if name.startswith(f"{_PREVIOUS}{dataset}."))


def previous_artefact(name: str, plan: Plan, catalog: CatalogProtocol) -> Any:
    """What such an input gives: the artefact, or Absent where there is none yet."""
    artefact = catalog.get(name.removeprefix(_PREVIOUS))
    assert isinstance(artefact, Artefact)
    if plan.previous_version is None:
        return Absent(f"{plan.dataset} has no release of an earlier as-of")
    return artefact.of_version(plan.previous_version)


def _releases(pipeline: Pipeline, folder: DatasetFolder) -> bool:
    return f"{folder.dataset}.release" in pipeline.all_outputs()


def _whole(pipeline: Pipeline, dataset: str) -> Pipeline:
    """The part of the pipeline this dataset's release needs; all of it where it is run in parts."""
    release = f"{dataset}.release"
    return pipeline.to_outputs(release) if release in pipeline.all_outputs() else pipeline


def _landed(pipeline: Pipeline, catalog: CatalogProtocol) -> dict[str, str]:
    versions = {}
    for name in sorted(pipeline.datasets()):
        if name.startswith("landing.") and isinstance(dataset := catalog.get(name), LandedTable):
            versions[name.removeprefix("landing.")] = dataset.state.version
    return versions


def _parameters(pipeline: Pipeline, catalog: CatalogProtocol) -> dict[str, Any]:
    names = sorted(name for name in pipeline.inputs() if name.startswith("params:"))
    return {name.removeprefix("params:"): _plain(catalog.load(name)) for name in names}


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else value


def _version(folder: DatasetFolder, run_id: str, fingerprint: str, released: bool) -> tuple[str, Status]:
    """The version this run makes, and whether there is anything to do.

    A committed version never changes: the same id from the same fingerprint is the release it made before;
    from another one it becomes `<id>-2`, then `-3`. A backfill that was released before is done, too; a
    release newer than CURRENT (after a rollback) is made again, and CURRENT follows.
    """
    manifests, current = folder.manifests(), folder.current()
    mine = [m for m in manifests if re.fullmatch(re.escape(run_id) + r"(-\d+)?", m.version)]
    same = [m for m in manifests if m.fingerprint == fingerprint] if released else []
    for manifest in same:
        if manifest in mine:
            return manifest.version, "released"
        if current and (manifest.version == current.version or manifest.as_of < current.as_of):
            return manifest.version, "unchanged"
    return f"{run_id}-{len(mine) + 1}" if mine else run_id, "build"
