"""A picture of a dataset in Kedro's catalog: a Plotly figure as JSON, released like any artefact."""

from typing import NewType

from ml_etl.store.artefact import Artefact

PlotlyPreview = NewType("PlotlyPreview", dict)
"""kedro-viz draws by the name of a preview's return type; this one is a Plotly figure."""


class Figure(Artefact):
    """Takes and gives a Plotly figure as a dictionary of `data` and `layout`; its format is json."""

    def preview(self) -> PlotlyPreview:  # type: ignore[override]
        """The release's figure; empty where there is none yet."""
        return PlotlyPreview(self.load() if self._exists() else {})
