"""The released embeddings of the demo shop against brute force, and MLflow's page of their run."""

import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ml_etl.embeddings import vectors
from tests import browser
from tests.conftest import Data

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def release(demo: Data, monkeypatch_module: pytest.MonkeyPatch):
    monkeypatch_module.setenv("ML_ETL_DATA", str(demo.folder))
    return demo.released("embeddings", env=None)


def test_every_article_with_a_text_has_a_vector(release) -> None:
    """The shop tells nothing of the 17 articles that only its purchases name."""
    table = release.read().to_pandas()
    assert len(table) == 92_348
    assert table.text_row.isna().sum() == table.text_problem.notna().sum() == 17
    assert release.read("quality")["text"]["zero_norm"] == 0


def test_similar_articles_equal_brute_force(release) -> None:
    """For 500 random articles, up to ties: cosines place by place, and each neighbour's own cosine."""
    ids, matrix = vectors(release, "text")
    table = release.read().to_pandas().set_index("article_id").loc[ids]
    goods = np.flatnonzero(table.is_merchandise.to_numpy())
    contents = np.unique(matrix[goods], axis=0)
    assert release.read("quality")["text"]["distinct_contents"] == len(contents)
    chosen = np.random.default_rng(11).choice(goods, 500, replace=False)
    listed = release.read("similar_articles")
    listed = listed.filter(listed.article_id.isin(ids[chosen].tolist()) & (listed.space == "text"))
    listed = {name: rows.sort_values("rank") for name, rows in listed.to_pandas().groupby("article_id")}
    place = {name: row for row, name in enumerate(ids)}
    for row in chosen:
        cosines = contents @ matrix[row]
        others = np.sort(np.delete(cosines, np.argmax(cosines)))[::-1][:20]
        found = listed[ids[row]]
        assert found["rank"].tolist() == list(range(1, 21))
        assert ids[row] not in set(found.similar_article_id)
        np.testing.assert_allclose(found.cosine, others, atol=3e-6)
        near = matrix[[place[name] for name in found.similar_article_id]]
        np.testing.assert_allclose(near @ matrix[row], found.cosine, atol=3e-6)
        assert len(np.unique(near, axis=0)) == 20


def test_vectors_place_like_with_like(release) -> None:
    """Far above chance with the type's name in the text, and above it without."""
    quality = release.read("quality")["text"]
    assert quality["purity_at_10"] > 100 * quality["purity_by_chance"]
    assert quality["honest_purity_at_10"] > 10 * quality["honest_purity_by_chance"]
    assert 0 < quality["recall_of_also_bought_at_10"] < 1


@pytest.fixture(scope="module")
def mlflow(demo: Data, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """MLflow's server on loopback, over the database that the demo run told."""
    port, log = browser.free_port(), tmp_path_factory.mktemp("mlflow") / "server.log"
    database = f"sqlite:///{demo.folder}/08_reporting/mlflow.db"
    command = [str(Path(sys.executable).with_name("mlflow")), "server", "--backend-store-uri", database]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    server = subprocess.Popen(
        command, cwd=log.parent, stdout=log.open("w"), stderr=subprocess.STDOUT, start_new_session=True
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{address}/health", timeout=5).read()
                break
            except OSError:
                assert server.poll() is None, log.read_text()
                time.sleep(0.5)
        yield address
    finally:
        browser.ended(server)


@pytest.mark.skipif(browser.CHROMIUM is None, reason="no Chromium on this machine: the page is not looked at")
def test_mlflow_shows_the_metrics_and_the_map(demo: Data, mlflow: str, tmp_path: Path) -> None:
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{demo.folder}/08_reporting/mlflow.db")
    experiment = client.get_experiment_by_name("ml_etl.embeddings")
    (run,) = client.search_runs([experiment.experiment_id])
    page = f"{mlflow}/#/experiments/{experiment.experiment_id}/runs/{run.info.run_id}"
    shown = browser.opened(page, tmp_path, "--dump-dom")
    for name in ("text.purity_at_10", "text.hubness_skew", "text.mean_cosine"):
        assert name in shown, name
    picture = tmp_path / "map.png"
    for _ in range(4):  # on a busy machine the page may be pictured before the map is drawn
        browser.opened(f"{page}/artifacts/map.html", tmp_path, f"--screenshot={picture}")
        if (groups := _colours_of_groups(picture)) >= 8:
            break
    assert groups >= 8


def _colours_of_groups(picture: Path) -> int:
    """How many of the map's twelve colours, three quarters opaque on white, are in the picture."""
    from PIL import Image

    from ml_etl.pipelines.embeddings.picture import _COLOURS

    pixels = np.asarray(Image.open(picture).convert("RGB")).reshape(-1, 3).astype(int)
    seen = 0
    for colour in _COLOURS:
        own = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
        shown = np.round(0.75 * own + 0.25 * 255)
        seen += (np.abs(pixels - shown).max(axis=1) <= 3).sum() >= 20
    return seen
