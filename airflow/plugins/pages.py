"""Pages beside Airflow's own, below /ml_etl."""

from typing import Any

from airflow.plugins_manager import AirflowPlugin


async def pages(scope: Any, receive: Any, send: Any) -> None:
    """Every task loads its plugins; what makes pages is imported only where one is asked for."""
    from ml_etl_airflow.cards import app

    await app(scope, receive, send)


class Pages(AirflowPlugin):
    name = "ml_etl_pages"
    fastapi_apps = [{"app": pages, "url_prefix": "/ml_etl", "name": "ml_etl"}]  # noqa: RUF012 -- Airflow's way
