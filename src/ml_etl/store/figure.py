"""A Plotly figure as an artefact: released with its tables, drawn by kedro-viz."""

from typing import NewType

from ml_etl.store.artefact import Artefact

PlotlyPreview = NewType("PlotlyPreview", dict)
"""kedro-viz draws by the name of a preview's return type; this one is a figure."""


class Figure(Artefact):
    """A figure of plain `data` and `layout`, kept as JSON."""

    def preview(self) -> PlotlyPreview:  # type: ignore[override]
        """The released figure."""
        return PlotlyPreview(self.load() if self._exists() else {})
