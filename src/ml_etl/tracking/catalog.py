"""The tracker in Kedro's catalog. One that can't be reached is warned of and costs no data."""

import json
import logging
from typing import Any

from kedro.io import AbstractDataset

from ml_etl.files import write_json
from ml_etl.layout import Layout
from ml_etl.store.versions import DatasetFolder
from ml_etl.tracked import TrackedRun


class MlflowRun(AbstractDataset[TrackedRun, dict[str, Any]]):
    """Takes what a run did and tells MLflow; gives back which MLflow run that is.

    One MLflow run per logical run and dataset: a retry finds it by its tags and goes on with it. With `pin`,
    the version it cites is never pruned: delete `pins/VERSION` in the dataset's folder to let it go.
    """

    _EPHEMERAL = True

    def __init__(
        self, uri: str | None, layout: dict[str, str], pin: bool = False, metadata: dict | None = None
    ):
        self._layout = Layout.of(**layout)
        self._uri = uri or f"sqlite:///{self._layout.mlflow}"
        self._pin = pin
        self.metadata = metadata
        self._told: dict[str, Any] = {}

    def save(self, data: TrackedRun) -> None:
        try:
            from ml_etl.tracking import mlflow  # seconds to import, and only for those who track

            self._layout.mlflow.parent.mkdir(parents=True, exist_ok=True)
            self._told = {"mlflow_run": mlflow.tell(data, self._uri, self._layout.mlflow_files)}
            if self._pin:
                folder = DatasetFolder(self._layout.releases, data.dataset)
                write_json(folder.path / "pins" / data.version, self._told)
        except Exception as error:  # whatever a tracker raises, the data are worth more
            self._told = {"mlflow_run": None}
            logging.getLogger(__name__).warning(
                "MLflow can't be told of %s (%s); the run goes on. Look at ML_ETL_MLFLOW_URI.",
                data.dataset,
                type(error).__name__,
            )

    def load(self) -> dict[str, Any]:
        return self._told

    def _describe(self) -> dict[str, Any]:
        return {"tracker": "mlflow"}  # never the URI: it may hold a password

    def __repr__(self) -> str:
        return f"MlflowRun({json.dumps(self._describe())})"
