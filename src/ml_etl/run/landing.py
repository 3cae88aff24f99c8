"""Landing: all tables of one moment, and begun again where the connection was cut."""

from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline
from kedro.runner import AbstractRunner
from pluggy import PluginManager

from ml_etl.engine import again_when_cut, one_snapshot


def land(
    runner: AbstractRunner,
    landing: Pipeline,
    catalog: CatalogProtocol,
    hook_manager: PluginManager | None,
    run_id: str,
) -> None:
    """Run the landing nodes, if there are any, within one snapshot of the source.

    A cut takes the snapshot with it: all tables are landed again, of another moment. Those that were landed
    before the cut are read from their new cursor on.

    Raises:
        SourceCut: so in every try (`landing` in parameters/run.yml says how many).
    """
    if not landing.nodes:
        return
    for attempt in again_when_cut(**catalog.load("params:landing")):
        with attempt, one_snapshot():
            runner.run(landing, catalog, hook_manager, run_id)
