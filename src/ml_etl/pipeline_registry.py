"""The pipelines a user can run by name."""

from kedro.pipeline import Pipeline

from ml_etl.pipelines import (
    articles,
    customers,
    embeddings,
    events,
    interactions,
    landing,
    reviews,
    staging,
    timeseries,
)

TABLES = ("articles", "categories", "customers", "transactions", "orders", "order_items", "promo", "reviews")

DATASETS = {
    "interactions": interactions,
    "articles": articles,
    "embeddings": embeddings,
    "customers": customers,
    "timeseries": timeseries,
    "reviews": reviews,
    "events": events,
}
"""The datasets there are, in the order they are shown."""


def register_pipelines() -> dict[str, Pipeline]:
    """Each dataset with what it stands on; `__default__` is everything."""
    shop = landing.create_pipeline(TABLES) + staging.create_pipeline(TABLES)
    datasets = {name: _with_sources(module.create_pipeline()) for name, module in DATASETS.items()}
    return {
        "landing": landing.create_pipeline(TABLES),
        "staging": shop,
        **datasets,
        "__default__": sum(datasets.values(), shop),
    }


def _with_sources(dataset: Pipeline) -> Pipeline:
    """The dataset with landing and staging of just the tables it reads, and the datasets it is made of."""
    tables = tuple(
        name.removeprefix("staging.")
        for name in sorted(dataset.inputs())
        if name.removeprefix("staging.") in TABLES
    )
    needed = tuple(table for table in TABLES if table in {*tables, *(_counted(dataset))})
    own = landing.create_pipeline(needed) + staging.create_pipeline(needed) + dataset
    return sum((_with_sources(DATASETS[name].create_pipeline()) for name in _made_of(dataset)), own)


def _made_of(dataset: Pipeline) -> list[str]:
    """The datasets whose releases it takes: `released.DATASET.ARTEFACT`."""
    return sorted({name.split(".")[1] for name in dataset.inputs() if name.startswith("released.")})


def _counted(dataset: Pipeline) -> set[str]:
    return {
        name.removeprefix("staging.").removesuffix("_counts")
        for name in dataset.inputs()
        if name.startswith("staging.") and name.endswith("_counts")
    }
