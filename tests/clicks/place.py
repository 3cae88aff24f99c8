"""Runs of the events pipeline in this process: real catalog, runner, store and engine, small tables."""

import datetime as dt
import functools
import json
import logging
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from kedro.config import OmegaConfigLoader
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline
from kedro.runner import SequentialRunner

from ml_etl.clickstream.params import Clickstream
from ml_etl.files import sha256
from ml_etl.parts import StoredParts
from ml_etl.pipelines import events
from ml_etl.pipelines.events.params import EventsParams
from ml_etl.run.runner import PlannedRunner
from ml_etl.settings_loader import LOADER_ARGS
from ml_etl.store.manifest import Entry, File, Manifest
from ml_etl.store.versions import DatasetFolder
from tests.conftest import PROJECT

TABLES = (
    "events",
    "sessions",
    "funnel",
    "funnel_articles",
    "daily_counts",
    "behaviour",
    "quarantine",
    "intake",
)
T0 = dt.datetime(2024, 3, 10)

SCHEMA = pa.schema(
    [
        *(
            (name, pa.string())
            for name in ("event_id", "visitor_id", "session_id", "customer_id", "event_type")
        ),
        *((name, pa.string()) for name in ("article_id", "campaign_id", "channel")),
        ("quantity", pa.int64()),
        ("price", pa.float64()),
        ("created_at", pa.timestamp("us")),
        ("ingested_at", pa.timestamp("us")),
        ("simulated", pa.bool_()),
    ]
)


@functools.cache
def configuration(what: str) -> dict[str, Any]:
    given = {"shop_folder": "SHOP", "shop_timezone": "UTC"}
    loader = OmegaConfigLoader(str(PROJECT / "conf"), env="files", **LOADER_ARGS, runtime_params=given)
    return loader[what]


@functools.cache
def _pipeline() -> Pipeline:
    return events.create_pipeline()


def _placed(value: Any, folder: Path, shop: Path) -> Any:
    """The catalog's configuration with this place's folders."""
    if isinstance(value, dict):
        if set(value) == {"data", "shop"}:
            return {"data": str(folder), "shop": "files"}
        return {key: _placed(item, folder, shop) for key, item in value.items()}
    return str(shop) if value == "SHOP" else value


class Place:
    """A data folder and a shop whose only table is its clickstream."""

    def __init__(self, folder: Path, events_jsonl: str | None = None, **params: Any):
        self.data, self.shop = folder / "data", folder / "shop"
        self.shop.mkdir(parents=True, exist_ok=True)
        raw = configuration("parameters")
        self.params = {name: raw[name] for name in ("events", "clickstream", "minimum_free_gb")}
        for name, changed in params.items():
            kept = self.params[name]
            merged = {k: {**kept[k], **v} if isinstance(v, dict) else v for k, v in changed.items()}
            self.params[name] = {**kept, **merged}
        catalog = configuration("catalog")
        self._catalog = {
            name: _placed(config, self.data, self.shop)
            for name, config in catalog.items()
            if name.startswith(("events.", "source.events", "articles.table", "landing."))
        }
        self._catalog["source.events"]["shop"]["events_jsonl"] = events_jsonl
        self._runs = 0

    @property
    def releases(self) -> DatasetFolder:
        return DatasetFolder(self.data / "05_model_input" / "files", "events")

    def put(self, rows: list[dict[str, Any]]) -> None:
        """Let the shop have these rows."""
        pq.write_table(pa.Table.from_pylist(rows, SCHEMA), self.shop / "events.parquet")

    def put_articles(self, categories: dict[str, str]) -> None:
        """Let the articles be released with these product groups."""
        folder = DatasetFolder(self.releases.releases, "articles")
        number = len(folder.manifests())
        version = f"articles-{number}"
        folder.begin(version)
        rows = {"article_id": list(categories), "product_group_name": list(categories.values())}
        path = folder.staged(version) / "articles.parquet"
        pq.write_table(pa.table({name: pa.array(column, pa.string()) for name, column in rows.items()}), path)
        file = File(f"{version}/articles.parquet", path.stat().st_size, sha256(path), len(categories))
        entry = Entry("articles", "parquet", file.path, file.rows, file.bytes, file.sha256, {}, (file,))
        as_of = f"2000-01-0{number + 1}T00:00:00Z"
        manifest = Manifest(
            "articles", version, version, as_of, as_of, version, {}, {}, {}, {"articles": entry}
        )
        folder.commit(version, manifest)
        folder.advance(manifest)

    def run(self, as_of: dt.datetime | None, run_id: str | None = None, **options: Any) -> Manifest | None:
        """`kedro run --pipelines events --params as_of=…`; `options` are of the parameters `events`."""
        self._runs += 1
        run_id = run_id or f"r{self._runs:03}"
        catalog = DataCatalog.from_config(self._catalog, save_version=run_id)
        catalog["params:as_of"] = as_of
        catalog["params:shop"] = {"timezone": "UTC"}
        catalog["params:minimum_free_gb"] = 0
        own = {name.removesuffix("_"): value for name, value in options.items()}
        catalog["params:events"] = EventsParams(**{**self.params["events"], **own})
        catalog["params:clickstream"] = Clickstream(**self.params["clickstream"])
        PlannedRunner(SequentialRunner()).run(_pipeline(), catalog, run_id=run_id)
        return self.current

    @property
    def current(self) -> Manifest | None:
        current = self.releases.current()
        return self.releases.manifest(current.version) if current else None

    def stored(self, name: str) -> StoredParts:
        """CURRENT's table, as other pipelines get it."""
        current = self.current
        assert current is not None
        artefact = DataCatalog.from_config(self._catalog, save_version="none")[f"events.{name}"]
        return artefact.of_version(current.version)

    def json(self, name: str) -> dict[str, Any]:
        """A released JSON artefact."""
        manifest = self.current
        assert manifest
        return json.loads((self.releases.path / manifest.artefacts[name].path).read_text("utf-8"))

    def rows(self, table: str, version: str | None = None) -> list[tuple[str, ...]]:
        """A released table in canonical encoding."""
        manifest = self.releases.manifest(version) if version else self.current
        return canonical(self.releases, manifest, table) if manifest else []


def canonical(folder: DatasetFolder, manifest: Manifest, table: str) -> list[tuple[str, ...]]:
    """A released table: every value as text, the rows sorted."""
    found = pa.concat_tables([pq.read_table(folder.path / f.path) for f in manifest.artefacts[table].files])
    columns = [found.column(name).cast(pa.string()).fill_null("∅").to_pylist() for name in found.column_names]
    return sorted(zip(*columns, strict=True))


logging.getLogger("kedro").setLevel(logging.WARNING)
