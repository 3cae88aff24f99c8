"""A picture of a dataset's version: a Plotly figure as JSON."""

from typing import NewType

from ml_etl.store.artefact import Artefact

PlotlyPreview = NewType("PlotlyPreview", dict)
"""kedro-viz draws by the name of a preview's return type; this one is a figure."""


class Picture(Artefact):
    """An artefact that is a Plotly figure: a dictionary of `data` and `layout`, written as JSON.

    kedro-datasets has a type for figures, but its files would lie beside the release instead of in it.
    """

    def preview(self) -> PlotlyPreview:  # type: ignore[override]
        """The figure; an empty one where there is no release yet."""
        return PlotlyPreview(self.load() if self._exists() else {})
