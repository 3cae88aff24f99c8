"""What a run adds to a dataset that grows by increments: from which version on, and which rows of the source.

The state of such a dataset is its release: the manifest says how far the source was read, so that this and
the rows commit together or not at all. A run reads what came in from the watermark, less the overlap, until
its as-of, less the safety lag. It starts anew where no version was made by the same recipe.
"""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

import ibis.expr.types as ir
from kedro.io import CatalogProtocol

from ml_etl.as_of import AsOf
from ml_etl.clickstream.moments import bucket_of, dated, known_within, read_within
from ml_etl.clickstream.params import Reading
from ml_etl.engine import Engine, faults
from ml_etl.errors import UsageError
from ml_etl.files import digest
from ml_etl.plan import Increment, Status
from ml_etl.run.fingerprint import code_of
from ml_etl.shop import EventSource
from ml_etl.store.manifest import Manifest
from ml_etl.store.versions import DatasetFolder

FACTS = "increment"
"""Where a manifest's inputs keep them."""

_FIRST = dt.datetime(1970, 1, 1)
"""Before all rows that came in."""

_READ = ("watermark", "tail_since", "tail_rows", "tail_hash")
"""Of these facts, those that say how far the source was read."""

_OF_ONE_RUN = ("rebuild", "from", "to")
"""Parameters of a dataset that say what one run does, and make no other dataset."""


@dataclass(frozen=True)
class Growth:
    """An increment, and whether it brings anything."""

    increment: Increment
    is_news: bool
    is_empty: bool

    def settled(self, version: str, status: Status) -> tuple[str, Status]:
        """Without news nothing is built, whatever the as-of."""
        base = self.increment.base
        if self.is_empty:
            return version, "empty"
        return (base, "unchanged") if base and not self.is_news else (version, status)


def recipe(dataset: str, parameters: dict[str, Any], source: EventSource) -> str:
    """Digest of what rows are made into releases by, and of where they lie: versions of another recipe, of
    another shop or with customers hashed by another key are not added to.
    """
    own = {k: v for k, v in parameters.get(dataset, {}).items() if k.removesuffix("_") not in _OF_ONE_RUN}
    made_by = {"code": code_of(dataset), "parameters": {**parameters, dataset: own}}
    return digest({**made_by, "shop": source.origin, "customer_key": source.customer_key})


def as_of_release(
    folder: DatasetFolder, catalog: CatalogProtocol, parameters: dict[str, Any], as_of: AsOf, run_id: str
) -> AsOf:
    """What the release knows: of a backfill no more than the one it is added to, else all until `as_of`.

    Where no as-of is asked for, a backfill or a rebuild is of CURRENT, which may know of today.
    """
    options, current = catalog.load(f"params:{folder.dataset}"), folder.current()
    is_backfill = bool(options.from_ or options.to)
    if current and (is_backfill or options.rebuild) and catalog.load("params:as_of") is None:
        as_of = max(as_of, _at(current.as_of, as_of), key=lambda each: each.moment)
    if not is_backfill:
        return as_of
    made_by = recipe(folder.dataset, parameters, _source(folder, catalog))
    base = _base(folder, as_of, run_id, made_by)
    return _at(base.as_of, as_of) if base else as_of


def _at(moment: str, like: AsOf) -> AsOf:
    """The as-of that a manifest says: a local day, where it is the midnight before one."""
    instant = dt.datetime.fromisoformat(moment)
    day = replace(like, day=instant.astimezone(ZoneInfo(like.timezone)).date(), instant=None)
    return day if day.moment == instant else replace(day, instant=instant)


def growth(
    folder: DatasetFolder,
    catalog: CatalogProtocol,
    parameters: dict[str, Any],
    as_of: AsOf,
    run_id: str,
    stands_on: dict[str, Any],
) -> Growth:
    """What the run adds; `stands_on` are the contents of other datasets that it is built from."""
    source = _source(folder, catalog)
    options = catalog.load(f"params:{folder.dataset}")
    reading: Reading = catalog.load("params:clickstream").reading
    _require_key(folder, source)
    made_by = recipe(folder.dataset, parameters, source)
    base = None if options.rebuild else _base(folder, as_of, run_id, made_by)
    made = {"recipe": made_by, "customer_key": source.customer_key, "stands_on": stands_on}
    until = _until(as_of, reading)
    if options.rebuild or options.from_:
        source.read_again(bucket_of(_naive(options.from_)) if options.from_ else _FIRST)
    table, engine = source.load(), source.engine
    if options.from_ or options.to:
        return _backfill(folder, base, options.from_, options.to, made)
    mark = max(until, _moment(base, "watermark")) if base else until
    since = _moment(base, "tail_since") if base else None
    with faults(f"source.{folder.dataset}"):
        facts = _facts(table, engine, mark, reading) | made
        increment = Increment(base.version if base else None, since, mark, mark, facts)
        if base is None:
            rows = engine.rows(known_within(dated(table), None, until))
            return Growth(increment, rows > 0, rows == 0)
        seen = engine.checksum(read_within(table, since, mark))
    before = base.inputs[FACTS]
    news = [before["tail_rows"], before["tail_hash"]] != [*seen] or before["stands_on"] != stands_on
    return Growth(increment, news, False)


def _source(folder: DatasetFolder, catalog: CatalogProtocol) -> EventSource:
    source = catalog.get(f"source.{folder.dataset}")
    assert isinstance(source, EventSource)
    return source


def _require_key(folder: DatasetFolder, source: EventSource) -> None:
    """Raise UsageError where customers were hashed, and the key is missing: their own ids would come in."""
    hashed = any(manifest.inputs.get(FACTS, {}).get("customer_key") for manifest in folder.manifests())
    if hashed and source.customer_key is None:
        raise UsageError(
            f"{folder.path} holds hashed customers, and ML_ETL_CUSTOMER_KEY is not set. Set it; or, to go on "
            f"with the shop's own ids, remove that folder."
        )


def _base(folder: DatasetFolder, as_of: AsOf, run_id: str, made_by: str) -> Manifest | None:
    """The release that is added to: CURRENT, or of a backfill the newest with as-of ≤ the run's.

    A run does not add to what it released itself: tried again, it must come to the same.
    """
    moment = as_of.moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    current = folder.current()
    fitting = [
        manifest
        for manifest in folder.manifests()
        if manifest.as_of <= moment
        and manifest.run_id != run_id
        and manifest.inputs.get(FACTS, {}).get("recipe") == made_by
    ]
    named = [manifest for manifest in fitting if current and manifest.version == current.version]
    found = named or fitting
    return found[-1] if found else None


def _until(as_of: AsOf, reading: Reading) -> dt.datetime:
    """The as-of less the lag; where that is still to come, now less the lag: later rows are not there."""
    moment = min(as_of.moment, dt.datetime.now(dt.UTC))
    return moment.replace(tzinfo=None, microsecond=0) - reading.safety_lag


def _facts(table: ir.Table, engine: Engine, mark: dt.datetime, reading: Reading) -> dict[str, Any]:
    """The watermark, and the rows just before it, by which the next run sees what appeared late."""
    since = bucket_of(mark - reading.overlap)
    rows, content = engine.checksum(read_within(table, since, mark))
    return {
        "watermark": mark.isoformat(),
        "tail_since": since.isoformat(),
        "tail_rows": rows,
        "tail_hash": content,
    }


def _backfill(
    folder: DatasetFolder,
    base: Manifest | None,
    first: dt.datetime | None,
    last: dt.datetime | None,
    made: dict[str, Any],
) -> Growth:
    """The rows of whole buckets from `first` until `last`, never beyond the watermark.

    How far the source was read stays as it was, and so does what the next run looks at again.
    """
    if base is None or first is None:
        raise UsageError(
            f"{folder.dataset}.from and .to read a part of the source again, for a release that is there: "
            f"give `from` (and `to`, default: the watermark), and run without them first."
        )
    mark = _moment(base, "watermark")
    until = min(mark, _naive(last)) if last else mark
    since = bucket_of(_naive(first))
    if bucket_of(until) != until and until != mark:
        until = bucket_of(until) + dt.timedelta(minutes=15)
    if since >= until:
        raise UsageError(f"{folder.dataset}.from {first}: expected before {until}, the end of what was read.")
    facts = {name: base.inputs[FACTS][name] for name in _READ} | made
    return Growth(Increment(base.version, since, min(until, mark), mark, facts), True, False)


def _moment(manifest: Manifest, name: str) -> dt.datetime:
    return dt.datetime.fromisoformat(manifest.inputs[FACTS][name])


def _naive(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(tzinfo=None) if moment.tzinfo else moment
