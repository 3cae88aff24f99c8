"""The task that tells other DAGs of a release: an asset event, and only when there is news."""

import json
from typing import Any

from airflow.sdk import Asset
from airflow.sdk.exceptions import AirflowSkipException

from ml_etl_airflow.command import ProjectCommand


class Announce(ProjectCommand):
    """Asks `kedro releases news`; skips itself, and so tells nobody, where nothing changed."""

    def __init__(self, *, asset: Asset, **options: Any):
        super().__init__(outlets=[asset], **options)
        self._asset = asset

    def execute(self, context: Any) -> None:
        news = json.loads(self.call(context)[-1])
        reasons = "; ".join(news["reasons"])
        if not news["changed"]:
            raise AirflowSkipException(f"No news: {reasons or 'nothing changed'}")
        self.log.info("News: %s", reasons)
        context["outlet_events"][self._asset].extra = {name: news[name] for name in ("version", "as_of")}
