"""Pictures as artefacts: what kedro-viz makes of them."""

from pathlib import Path

import pytest
from kedro.io.core import Version
from kedro_viz.models.flowchart.node_metadata import DataNodeMetadata
from kedro_viz.models.flowchart.nodes import GraphNode

from ml_etl.store.figure import Figure

FIGURE = {"data": [{"type": "heatmap", "z": [[1, 2], [3, 4]]}], "layout": {"title": {"text": "four"}}}


@pytest.fixture
def figure(tmp_path: Path) -> Figure:
    layout = {"data": str(tmp_path), "shop": "small"}
    engine = {"backend": "duckdb", "memory_limit": "1GB"}
    return Figure("customers", "four", "json", layout, engine, Version(None, "run-1"))


def shown(figure: Figure) -> DataNodeMetadata:
    node = GraphNode.create_data_node("id", "customers.four", None, set(), figure, None)
    return DataNodeMetadata(data_node=node)


def test_viz_draws_it_with_plotly(figure: Figure) -> None:
    figure.save(FIGURE)
    assert (shown(figure).preview_type, shown(figure).preview) == ("PlotlyPreview", FIGURE)


def test_without_a_release_there_is_nothing_to_draw(figure: Figure) -> None:
    assert shown(figure).preview == {}
