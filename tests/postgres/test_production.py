"""All from Postgres, etl_runs and MLflow there too: equal to the same shop's files, and no secret told."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import pyarrow.parquet as pq
import pytest
from psycopg.conninfo import conninfo_to_dict

from ml_etl.contracts import SOURCE
from ml_etl.engine import engine_of
from ml_etl.layout import Layout
from ml_etl.shop.load import load_shop
from ml_etl.store.versions import DatasetFolder
from tests.conftest import Data
from tests.postgres.server import CANARY, Database, database_on
from tests.postgres.whole_shop import whole_shop

pytestmark = pytest.mark.slow  # builds everything twice

TABLES = tuple(SOURCE)
DATASETS = ("interactions", "articles", "embeddings", "customers", "timeseries", "reviews", "events")


@dataclass(frozen=True)
class Production:
    """The same shop, built from its files and from Postgres, and a second run that failed."""

    data: Data
    registry: Database
    said: list[subprocess.CompletedProcess[str]]

    def hashes(self, env: str, dataset: str) -> dict[str, str]:
        folder = DatasetFolder(Layout.of(self.data.folder, env).releases, dataset)
        current = folder.current()
        assert current, f"{dataset} is not released"
        return {name: entry.sha256 for name, entry in folder.manifest(current.version).artefacts.items()}


@pytest.fixture(scope="module")
def production(guarded: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    folder = tmp_path_factory.mktemp("production")
    data, shop = Data(folder / "data"), whole_shop(folder / "shop")
    with (
        database_on(guarded) as database,
        database_on(guarded) as registry,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("ML_ETL_LOAD_URL", database.url)
        engine = engine_of({"memory_limit": "1GB"}, Layout.of(folder / "load", "s"))
        tables = {name: engine.read_parquet(shop.folder / f"{name}.parquet") for name in TABLES}
        list(load_shop(tables, engine, "public", lambda *_: None))
        database.grant(*TABLES)
        registry.do(f'GRANT ALL ON SCHEMA public TO "{registry.reader}"')
        secrets = database.variables() | {
            "ML_ETL_REGISTRY_URL": _url(registry),
            "ML_ETL_MLFLOW_URI": _url(registry),
            "ML_ETL_HASH_KEY": "CANARY of the postal codes",
            "ML_ETL_VECTORS_URL": f"postgresql://someone:{quote(CANARY, safe='')}@127.0.0.1:9/x",
        }
        zone = "shop_timezone=Europe/Berlin"
        files = f"{zone},shop_folder={shop.folder}"
        said = [data.kedro("run", "--env", "files", "--params", files, **secrets)]
        said += [data.kedro("run", "--env", "postgres", "--params", zone, ML_ETL_RUN_ID="night", **secrets)]
        database.do("DROP TABLE transactions")
        said += [data.kedro("run", "--env", "postgres", ML_ETL_RUN_ID="broken", **secrets)]
        yield Production(data, registry, said)


def _url(database: Database) -> str:
    """As people write it: the password quoted for a URL."""
    parts = conninfo_to_dict(database.admin)
    where = f"host={quote(str(parts['host']), safe='')}&port={parts.get('port') or 5432}"
    return f"postgresql://{database.reader}:{quote(CANARY, safe='')}@/{database.name}?{where}"


def test_both_runs_went_well_and_the_broken_one_says_why(production: Production) -> None:
    files, postgres, broken = production.said
    assert (files.returncode, postgres.returncode) == (0, 0), files.stderr + postgres.stderr
    assert broken.returncode == 3 and "has no such table" in broken.stderr
    assert "WARNING" not in postgres.stderr  # neither the registry nor MLflow was out of reach


@pytest.mark.parametrize("dataset", DATASETS)
def test_datasets_from_postgres_equal_those_from_files(production: Production, dataset: str) -> None:
    assert production.hashes("files", dataset) == production.hashes("postgres", dataset)


def test_nothing_was_too_empty_to_compare(production: Production) -> None:
    """Rows were quarantined and duplicates dropped, in both the same."""
    columns = "dataset, rows_in, rows_out, rows_quarantined, rows_duplicate"
    rows = production.registry.rows(f"SELECT {columns} FROM etl_runs WHERE status = 'success' ORDER BY 1")
    by_dataset: dict[str, set[tuple[int, ...]]] = {}
    for dataset, *counts in rows:
        by_dataset.setdefault(dataset, set()).add(tuple(counts))
    assert set(by_dataset) == set(DATASETS) and len(rows) == 2 * len(DATASETS)
    assert all(len(counts) == 1 for counts in by_dataset.values()), by_dataset
    (interactions,) = by_dataset["interactions"]
    assert interactions[1] > 500 and interactions[2] >= 8 and interactions[3] == 3


def test_etl_runs_is_in_postgres(production: Production) -> None:
    rows = production.registry.rows("SELECT DISTINCT run_id, status, error FROM etl_runs WHERE run_id <> ''")
    by_run = {run: (status, error) for run, status, error in rows}
    assert by_run["night"] == ("success", None)
    status, error = by_run["broken"]
    assert status == "failed" and "has no such table" in error
    assert not (production.data.folder / "08_reporting" / "etl_runs.db").exists()


def test_mlflow_is_in_postgres_and_its_files_below_the_data_folder(production: Production) -> None:
    names = production.registry.rows("SELECT name FROM experiments WHERE name LIKE 'ml\\_etl.%'")
    assert {name for (name,) in names} >= {"ml_etl.embeddings"}
    places = production.registry.rows("SELECT artifact_uri FROM runs")
    assert places and all(place.startswith(production.data.folder.as_uri()) for (place,) in places)
    assert not (production.data.folder / "08_reporting" / "mlflow.db").exists()


def test_no_secret_is_in_any_output(production: Production) -> None:
    for ended in production.said:
        assert "CANARY" not in ended.stdout + ended.stderr


def test_no_secret_is_in_any_file(production: Production) -> None:
    paths = [path for path in production.data.folder.rglob("*") if path.is_file()]
    assert len(paths) > 100
    for path in paths:
        assert "CANARY" not in str(path) and b"CANARY" not in path.read_bytes(), path
        if path.suffix == ".parquet":
            assert "CANARY" not in str(pq.read_table(path).to_pylist()), path


def test_no_secret_is_in_etl_runs_or_mlflow(production: Production) -> None:
    with production.registry.connected() as connection:
        tables = [
            name
            for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ]
        assert {"etl_runs", "params", "tags"} <= set(tables)
        for name in tables:
            rows = connection.execute(
                psycopg.sql.SQL("SELECT t::text FROM {} t").format(psycopg.sql.Identifier(name))
            )
            assert all("CANARY" not in row for (row,) in rows), name


def test_free_texts_and_addresses_stayed_in_the_shop(production: Production) -> None:
    for path in Path(production.data.folder).rglob("*.parquet"):
        assert "ada@example.org" not in str(pq.read_table(path).to_pylist()), path
