"""`kedro events replay`: rejected rows that a person lets in after all."""

import datetime as dt
import uuid
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis import _

from ml_etl import config
from ml_etl.engine import Engine, engine_of
from ml_etl.errors import UsageError
from ml_etl.files import whole
from ml_etl.pipelines.events.rules import RULES, WAIVABLE
from ml_etl.shop.events import WAIVED, replayed
from ml_etl.store.locks import hold
from ml_etl.store.reader import ReleasedDataset, released
from ml_etl.store.versions import DatasetFolder

_DATASET = "events"


def replay(env: str | None, reason: str, since: str | None, until: str | None, dry_run: bool) -> None:
    """Let the next run read the rows that rule `reason` rejected, without that rule.

    The rows come in once more, at the watermark: no run before knows them, the next one reads them, and a
    rebuild comes to the same. Rows that were replayed by that rule before are left out.

    Raises:
        UsageError: there is no such rule, or none that can be lifted.
        Locked: a run is at work, whose watermark is not known yet.
    """
    _check(reason)
    settings, layout = config.settings(env), config.layout(env)
    engine = engine_of(settings["engine"], layout)
    with hold(DatasetFolder(layout.releases, _DATASET), f"replay of {reason}"):
        release = released(_DATASET, env=env)
        folder = replayed(layout, release.manifest.inputs["increment"].get("customer_key"))
        rows = _rejected(engine, release, folder, reason, _moment(since), _moment(until))
        if not rows.num_rows:
            print(f"No rows to replay: none was rejected by {reason} then, or all were replayed before.")
            return
        if dry_run:
            print(f"Would replay {rows.num_rows:,} rows rejected by {reason}.")
            return
        _write(rows, reason, _watermark(release), folder)
    which = f" --env {env}" if env else ""
    print(f"{rows.num_rows:,} rows come in with the next run: `kedro run --pipelines events{which}`.")


def _check(reason: str) -> None:
    if reason not in RULES:
        raise UsageError(
            f"--reason {reason}: there is no such rule; those that reject events: {', '.join(RULES)}."
        )
    if reason not in WAIVABLE:
        raise UsageError(
            f"--reason {reason}: such a row has no key, type, time, owner or units, and can't be an event "
            f"without. Mend it in the source. Rules that can be lifted: {', '.join(WAIVABLE)}."
        )


def _moment(given: str | None) -> dt.datetime | None:
    if given is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(given)
    except ValueError:
        raise UsageError(f"expected a moment as YYYY-MM-DD or YYYY-MM-DDThh:mm, came {given!r}.") from None
    return moment.astimezone(dt.UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _rejected(
    engine: Engine,
    release: ReleasedDataset,
    folder: Path,
    reason: str,
    since: dt.datetime | None,
    until: dt.datetime | None,
) -> pa.Table:
    """The rows in quarantine that came in between the moments and were not replayed."""
    rows = release.read("quarantine").filter(_.rule == reason)
    if since:
        rows = rows.filter(_.ingested_at >= ibis.literal(since))
    if until:
        rows = rows.filter(_.ingested_at < ibis.literal(until))
    if before := sorted(folder.glob(f"{_DATASET}-*.parquet")):
        again = engine.read_parquet(*before).filter(_[WAIVED] == reason)
        rows = rows.anti_join(again, ["event_id", "created_at"])
    return engine.collect(rows.drop("rule"))


def _watermark(release: ReleasedDataset) -> dt.datetime:
    return dt.datetime.fromisoformat(release.manifest.inputs["increment"]["watermark"])


def _write(rows: pa.Table, reason: str, watermark: dt.datetime, folder: Path) -> None:
    """A file of its own, so that nothing that was replayed before changes."""
    came_in = pa.array([watermark - dt.timedelta(microseconds=1)] * rows.num_rows, pa.timestamp("us"))
    position = rows.column_names.index("ingested_at")
    table = rows.set_column(position, "ingested_at", came_in)
    table = table.append_column(WAIVED, pa.array([reason] * rows.num_rows))
    with whole(folder / f"{_DATASET}-{uuid.uuid4().hex[:12]}.parquet") as beside:
        pq.write_table(table, beside)
