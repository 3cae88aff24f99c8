"""What kedro-viz shows: names a person understands, layers, previews; looked at in a real browser."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import browser
from tests.conftest import PROJECT, Data

pytestmark = pytest.mark.slow
NODES = ("score_interactions", "find_also_bought", "rank_popularity", "release_interactions")


@pytest.fixture(scope="module")
def page(demo: Data, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """kedro-viz of every pipeline, served on loopback."""
    port = browser.free_port()
    command = [str(Path(sys.executable).with_name("kedro")), "viz", "run", "--no-browser"]
    log = tmp_path_factory.mktemp("viz") / "server.log"
    server = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        cwd=PROJECT,
        env={**os.environ, "ML_ETL_DATA": str(demo.folder)},
        stdout=log.open("w"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(address, server, log)
        yield address
    finally:
        browser.ended(server)


def _wait(address: str, server: subprocess.Popen, log: Path, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/api/main", timeout=5).read()
            return
        except OSError:
            time.sleep(0.5)
    raise AssertionError(f"kedro viz did not come up: {log.read_text()[-2000:]}")


def _get(address: str) -> dict:
    return json.loads(urllib.request.urlopen(address, timeout=60).read())


TABLES = {
    "interactions": (
        "table",
        "csv",
        "splits",
        "popularity",
        "also_bought",
        "customer_index",
        "article_index",
    ),
    "articles": ("table", "changes", "contents"),
    "embeddings": ("table", "similar_articles"),
    "customers": ("table", "segments", "segment_profiles", "value"),
    "timeseries": (
        *("daily", "weekly", "series", "calendar", "promo", "features", "trending", "demand"),
        *("seasonality", "forecasts", "backtest", "models"),
    ),
    "reviews": ("table", "aspects", "article_sentiment", "category_sentiment"),
}
FIGURES = (
    "articles.price_and_lifecycle",
    "embeddings.text_map",
    "customers.rfm_heatmap",
    "customers.segment_picture",
    "timeseries.seasonality_picture",
    "timeseries.trending_picture",
    "timeseries.forecast_picture",
    "reviews.rating_distribution",
    "reviews.sentiment_by_rating",
    "reviews.aspects_picture",
)
FEW = {"customers.segment_profiles"}
"""Tables of fewer rows than a preview shows."""


@pytest.fixture(scope="module")
def shown(page: str) -> dict:
    return _get(f"{page}/api/main")


@pytest.fixture(scope="module")
def preview(page: str, shown: dict) -> Callable[[str], dict]:
    """What kedro-viz is told to draw for a dataset of the catalog."""
    ids = {node["name"]: node["id"] for node in shown["nodes"]}
    return lambda name: _get(f"{page}/api/nodes/{ids[name]}")


def test_layers(shown: dict) -> None:
    assert shown["layers"] == ["source", "landing", "staging", "features", "released"]


@pytest.mark.parametrize("name", [f"{d}.{table}" for d, tables in TABLES.items() for table in tables])
def test_a_preview_of_every_released_table(preview: Callable[[str], dict], name: str) -> None:
    rows = len(preview(name)["preview"]["data"])
    assert 0 < rows < 20 if name in FEW else rows == 20


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_drawn(preview: Callable[[str], dict], name: str) -> None:
    told = preview(name)
    assert told["preview_type"] == "PlotlyPreview"
    traces = told["preview"]["data"]
    assert traces and all(len(trace["x"]) for trace in traces)
    assert told["preview"]["layout"]["title"]


def test_the_card_is_readable(preview: Callable[[str], dict]) -> None:
    assert ["default_score", "score_half_life_90"] in preview("interactions.card")["preview"]["data"]


@pytest.mark.skipif(browser.CHROMIUM is None, reason="no Chromium on this machine: the page is not looked at")
def test_a_browser_shows_the_pipeline(page: str, tmp_path: Path) -> None:
    dom = browser.opened(f"{page}/?pid=interactions", tmp_path, "--dump-dom")
    for name in NODES:
        assert name in dom, name
    picture = tmp_path / "viz.png"
    browser.opened(f"{page}/?pid=interactions", tmp_path, f"--screenshot={picture}")
    assert picture.stat().st_size > 30_000  # a blank page is a few kilobytes


def test_viz_builds(demo: Data, tmp_path: Path) -> None:
    """`kedro viz build` writes into the working folder, so it runs in a copy of the project."""
    for name in ("conf", "src"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    command = [str(Path(sys.executable).with_name("kedro")), "viz", "build", "--include-previews"]
    given = {**os.environ, "ML_ETL_DATA": str(demo.folder)}
    result = subprocess.run(command, cwd=tmp_path, env=given, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "build" / "index.html").exists()
