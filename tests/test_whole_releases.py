"""A release waits for all of its dataset, so that a run in part never releases."""

import pytest
from kedro.framework.project import pipelines
from kedro.framework.startup import bootstrap_project

from tests.conftest import PROJECT

DATASETS = ("interactions", "articles", "embeddings", "customers", "timeseries", "reviews", "events")


@pytest.mark.parametrize("dataset", DATASETS)
def test_what_leads_to_the_release_is_the_whole_dataset(dataset: str) -> None:
    bootstrap_project(PROJECT)
    whole = pipelines[dataset].only_nodes_with_tags(dataset)
    left_out = set(whole.nodes) - set(whole.to_nodes(f"release_{dataset}").nodes)
    assert len(whole.nodes) > 5
    assert not {node.name for node in left_out}
