"""What `kedro search` and `kedro vectors publish` do."""

import os

from rich.console import Console

from ml_etl.errors import UsageError
from ml_etl.search.hits import Found

_URL = "ML_ETL_VECTORS_URL"


def search(
    query: str | None,
    dataset: str,
    like: str | None,
    space: str | None,
    top: int,
    postgres: bool,
    as_json: bool,
    env: str | None,
) -> None:
    """Find, then show."""
    from ml_etl.search import table

    found = _found(query, dataset, like, space, top, postgres, env)
    (table.as_json if as_json else table.show)(found)


def _found(
    query: str | None,
    dataset: str,
    like: str | None,
    space: str | None,
    top: int,
    postgres: bool,
    env: str | None,
) -> Found:
    from ml_etl.search import articles, reviews
    from ml_etl.search import postgres as published

    if bool(query) == bool(like):
        raise UsageError('kedro search: give a query, or --like ARTICLE_ID: kedro search "warm red dress"')
    if like:
        if dataset != "articles" or postgres:
            raise UsageError("--like: of articles, as the release lists them; leave --in and --postgres out.")
        return articles.like_article(like, top, space or "text", env)
    assert query is not None
    if postgres:
        return published.search(query, dataset, top, _url(), env)
    if dataset == "reviews":
        return reviews.search_reviews(query, top, env)
    return articles.search_articles(query, top, space, env)


def publish(env: str | None) -> None:
    """Write what is released; say how much."""
    from ml_etl.search import postgres

    for name, rows, version in postgres.publish(_url(), env):
        Console().print(f"{name}: {rows:,} rows of {version}")


def _url() -> str:
    url = os.environ.get(_URL)
    if not url:
        raise UsageError(f"{_URL} is not set. Expected a Postgres URL: postgresql://user@host/database")
    return url
