"""From what is landed to what is to be done: the as-of, the fingerprint, the plan."""

import datetime as dt
import re
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import ibis
from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline
from pydantic import BaseModel

from ml_etl.as_of import AsOf, day_of, local_day_of
from ml_etl.clickstream.moments import dated
from ml_etl.engine import LandedTable, faults
from ml_etl.errors import UsageError
from ml_etl.files import digest
from ml_etl.plan import Plan, Status
from ml_etl.run import asked, inputs
from ml_etl.run.fingerprint import code_of
from ml_etl.run.increments import Growth, as_of_release, growth
from ml_etl.shop import EventSource
from ml_etl.store.manifest import Manifest
from ml_etl.store.versions import DatasetFolder

_PURCHASES = "landing.transactions"


def resolve_as_of(pipeline: Pipeline, catalog: CatalogProtocol) -> AsOf:
    """The parameter `as_of`, else the end of the newest day in the data that is over by now."""
    timezone = str(catalog.load("params:shop")["timezone"])
    today = asked.now().astimezone(_zone(timezone)).date()
    given = catalog.load("params:as_of")
    if instant := asked.instant_of(given):
        _only_grow(pipeline, instant)
        return AsOf(instant.astimezone(_zone(timezone)).date(), timezone, today, instant)
    if given is not None:
        return AsOf(asked.day_of(given, today), timezone, today)
    day = _after_newest_day(pipeline, catalog, timezone, today)
    return AsOf(day, timezone, today)


def _only_grow(pipeline: Pipeline, instant: dt.datetime) -> None:
    """Raise UsageError where the run builds datasets that are functions of whole days."""
    releases = [name for name in pipeline.all_outputs() if name.endswith(".release")]
    names = sorted(name.removesuffix(".release") for name in releases)
    daily = [name for name in names if not inputs.references(_whole(pipeline, name), inputs.STATE)]
    if daily:
        raise UsageError(
            f"as_of: {instant.isoformat()} is an instant, and {', '.join(daily)} are of whole days. Give a "
            f"day as YYYY-MM-DD, or run only what grows within a day: `kedro run --pipelines events`."
        )


def _zone(timezone: str) -> ZoneInfo:
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise UsageError(
            f"shop.timezone: {timezone!r} is no IANA time zone, such as Europe/Berlin."
        ) from None


def _after_newest_day(pipeline: Pipeline, catalog: CatalogProtocol, timezone: str, today: dt.date) -> dt.date:
    """The day after the newest purchase; of what else it lands by date where the run reads no purchases."""
    names = sorted(name for name in pipeline.datasets() if name.startswith("landing."))
    tables = {name: dataset for name in names if isinstance(dataset := catalog.get(name), LandedTable)}
    dated = [_PURCHASES] if _PURCHASES in tables or not tables else list(tables)
    days = [_newest_day(catalog.get(name), timezone, today) for name in dated]
    if not tables:
        days += [_newest_of_source(catalog.get(name), timezone, today) for name in _grown_from(pipeline)]
    return max((day + dt.timedelta(days=1) for day in days if day), default=today)


def _newest_day(dataset: Any, timezone: str, today: dt.date) -> dt.date | None:
    """The newest local day before today of a table landed by date; None where it has none."""
    assert isinstance(dataset, LandedTable)
    if dataset.state.cursor is None:
        return None
    landed = dataset.load()
    cursor = landed[dataset.state.cursor]
    day = day_of(landed, timezone) if dataset.table == "transactions" else local_day_of(cursor, timezone)
    newest = landed.aggregate(newest=day.max(where=day < ibis.literal(today)))
    return dataset.engine.first_row(newest)["newest"]


def _grown_from(pipeline: Pipeline) -> list[str]:
    return sorted(name for name in pipeline.inputs() if name.startswith("source."))


def _newest_of_source(source: Any, timezone: str, today: dt.date) -> dt.date | None:
    """The newest local day before today on which rows came in."""
    assert isinstance(source, EventSource)
    rows = dated(source.load())
    day = local_day_of(rows.ingested_at, timezone)
    newest = rows.aggregate(newest=rows.ingested_at.max(where=day < ibis.literal(today)))
    with faults("source.events"):
        return source.engine.first_row(newest.select(day=local_day_of(newest.newest, timezone)))["day"]


def plan(
    folder: DatasetFolder, run_id: str, pipeline: Pipeline, catalog: CatalogProtocol, as_of: AsOf
) -> Plan:
    """Compare what this run would build with what is released."""
    whole = _whole(pipeline, folder.dataset)
    parameters = _parameters(whole, catalog)
    if inputs.references(whole, inputs.STATE):
        as_of = as_of_release(folder, catalog, parameters, as_of, run_id)
    moment = as_of.moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    former = folder.newest(before=moment) if inputs.references(whole, inputs.PREVIOUS) else None
    others = inputs.releases(whole, folder, moment)
    stands_on: dict[str, Any] = {"landing": _landed(whole, catalog)}
    grown = _growth(folder, whole, catalog, parameters, as_of, run_id, others)
    if grown:
        stands_on |= grown.increment.told
    if former:
        stands_on["previous"] = former.version
    if identities := inputs.identities(whole, catalog):
        stands_on["models"] = identities
    built_from = stands_on | {"releases": inputs.contents(whole, catalog, others)}
    fingerprint = _fingerprint(folder.dataset, built_from, parameters, as_of if _knows(whole) else None)
    if others:
        stands_on["releases"] = {name: manifest.version for name, manifest in others.items() if manifest}
    previous = folder.newest(until=moment)
    answering = previous.version if previous and _releases(pipeline, folder) else None
    version, status = _version(folder, run_id, fingerprint, moment, answering)
    if grown and _releases(pipeline, folder):
        version, status = grown.settled(version, status)
    return Plan(
        folder.dataset,
        run_id,
        version,
        as_of,
        fingerprint,
        status,
        stands_on,
        parameters,
        previous.rows if previous else None,
        former.version if former else None,
        grown.increment if grown else None,
    )


def _growth(
    folder: DatasetFolder,
    whole: Pipeline,
    catalog: CatalogProtocol,
    parameters: dict[str, Any],
    as_of: AsOf,
    run_id: str,
    others: dict[str, Manifest | None],
) -> Growth | None:
    """What the run adds, of a dataset that grows; None of the others."""
    if not inputs.references(whole, inputs.STATE):
        return None
    contents = inputs.contents(whole, catalog, others)
    return growth(folder, catalog, parameters, as_of, run_id, contents)


def _knows(pipeline: Pipeline) -> bool:
    """Whether time matters to the dataset; else it is built from contents, and they alone make it new."""
    return "as_of" in pipeline.inputs()


def _fingerprint(
    dataset: str, built_from: dict[str, Any], parameters: dict[str, Any], as_of: AsOf | None
) -> str:
    known = {"as_of": as_of.moment} if as_of else {}
    return digest({"code": code_of(dataset), "inputs": built_from, "parameters": parameters, **known})


def given(plan: Plan, pipeline: Pipeline, catalog: CatalogProtocol) -> dict[str, Any]:
    """The artefacts of earlier and other releases that the dataset's nodes take, by input name."""
    whole = _whole(pipeline, plan.dataset)
    base = plan.increment.base if plan.increment else None
    return inputs.artefacts(whole, catalog, plan.previous_version, base, plan.inputs.get("releases", {}))


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


def _version(
    folder: DatasetFolder, run_id: str, fingerprint: str, moment: str, answering: str | None
) -> tuple[str, Status]:
    """The version this run makes, and whether there is anything to do.

    A committed version never changes: the same id from the same fingerprint is the release it made before;
    from another one it becomes `<id>-2`, then `-3`. There is nothing to do where the release that answers for
    the run's as-of (`answering`; None where the run releases nothing) has the same fingerprint, unless it is
    newer than CURRENT: after a rollback it is made again, and CURRENT follows.
    """
    manifests, current = folder.manifests(), folder.current()
    mine = [m for m in manifests if re.fullmatch(re.escape(run_id) + r"(-\d+)?", m.version)]
    same = [m for m in manifests if m.fingerprint == fingerprint] if answering else []
    for manifest in same:
        if manifest in mine:
            return manifest.version, "released"
        if current and manifest.version == current.version and manifest.as_of <= moment:
            return manifest.version, "unchanged"
        if current and manifest.version == answering and manifest.as_of < current.as_of:
            return manifest.version, "unchanged"
    return f"{run_id}-{len(mine) + 1}" if mine else run_id, "build"
