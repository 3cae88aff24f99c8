"""Per table: judge its rows, count the verdicts, keep the rejected, pass on the clean."""

from kedro.pipeline import Node, Pipeline

from ml_etl.pipelines.staging.nodes import JUDGES, acceptor, counter, rejecter


def create_pipeline(tables: tuple[str, ...]) -> Pipeline:
    """Four nodes per table, tagged `staging`."""
    return Pipeline([node for table in tables for node in _nodes(table)], tags={"staging"})


def _nodes(table: str) -> list[Node]:
    judge, refers_to = JUDGES[table]
    judged, counts = f"staging.{table}_judged", f"staging.{table}_counts"
    references = [f"staging.{other}" for other in refers_to]
    return [
        Node(judge, [f"landing.{table}", *references, "as_of"], judged, name=f"judge_{table}"),
        Node(counter(table), judged, counts, name=f"count_{table}"),
        Node(rejecter(table), [judged, counts], f"quarantine.{table}", name=f"quarantine_{table}"),
        Node(acceptor(table), [judged, counts, "params:staging"], f"staging.{table}", name=f"accept_{table}"),
    ]
