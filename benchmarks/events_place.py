"""Data folders on which batches of events are run, each run a process of its own."""

import datetime as dt
import json
import os
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
from process import Finished, measured

from ml_etl.files import sha256
from ml_etl.store.manifest import Entry, File, Manifest
from ml_etl.store.versions import DatasetFolder

QUARTER = dt.timedelta(minutes=15)


@dataclass(frozen=True)
class Place:
    """A shop with a clickstream, and what is released of it."""

    shop: Path
    data: Path

    @property
    def folder(self) -> DatasetFolder:
        return DatasetFolder(self.data / "05_model_input" / "files", "events")

    @property
    def release(self) -> Manifest:
        current = self.folder.current()
        assert current
        return self.folder.manifest(current.version)

    def command(self, as_of: dt.datetime, **more: str) -> list[str]:
        params = {"shop_folder": self.shop, "shop_timezone": "UTC", "as_of": f"{as_of.isoformat()}Z", **more}
        told = ",".join(f"{name}={value}" for name, value in params.items())
        return ["-m", "kedro", "run", "--env", "files", "--pipelines", "events", "--params", told]

    def run(self, as_of: dt.datetime, memory_limit: str = "", **more: str) -> Finished:
        """`memory_limit`: the engine's; empty: as the project has it."""
        self.data.mkdir(parents=True, exist_ok=True)
        settings = {"ML_ETL_DATA": str(self.data), "ML_ETL_MEMORY_LIMIT": memory_limit}
        return measured(self.command(as_of, **more), self.data / "run.log", settings)

    def files(self) -> int:
        return sum(len(names) for _folder, _folders, names in os.walk(self.folder.path))

    def put_categories(self, categories: Path) -> None:
        """Release articles that have these categories and nothing else."""
        folder = DatasetFolder(self.folder.releases, "articles")
        folder.begin("articles")
        table = pq.read_table(categories).rename_columns(["article_id", "product_group_name"])
        path = folder.staged("articles") / "articles.parquet"
        pq.write_table(table, path)
        file = File("articles/articles.parquet", path.stat().st_size, sha256(path), table.num_rows)
        entry = Entry("articles", "parquet", file.path, file.rows, file.bytes, file.sha256, {}, (file,))
        as_of = "2000-01-01T00:00:00Z"
        manifest = Manifest(
            "articles", "articles", "articles", as_of, as_of, "articles", {}, {}, {}, {"articles": entry}
        )
        folder.commit("articles", manifest)
        folder.advance(manifest)

    def tables(self) -> dict[str, list[str]]:
        """The files of each released table."""
        found = self.release.artefacts
        return {name: [str(self.folder.path / file.path) for file in found[name].files] for name in found}


def batch_rows(release: Manifest) -> int:
    """Source rows the run that made it read for the first time."""
    return int(release.checks["tables"]["events"]["rows_in"])


def read(path: Path) -> dict:
    return json.loads(path.read_text("utf-8"))
