"""Per table: judge its rows, count the verdicts, keep the rejected, pass on the clean."""

from kedro.pipeline import Node, Pipeline

from ml_etl.pipelines.staging.nodes import PREPARED, acceptor, counter, judge, rejecter, repeat_counter


def create_pipeline(tables: tuple[str, ...]) -> Pipeline:
    """Five nodes per table, tagged `staging`. Whether keys repeat, and of which years the rows tell, is asked
    first.
    """
    return Pipeline([node for table in tables for node in _nodes(table)], tags={"staging"})


def _nodes(table: str) -> list[Node]:
    _prepare, refers_to = PREPARED[table]
    judged, counts, rejected = f"staging.{table}_judged", f"staging.{table}_counts", f"quarantine.{table}"
    landed, repeats = f"landing.{table}", f"staging.{table}_repeats"
    given = ["building", repeats, landed, *(f"staging.{other}" for other in refers_to), "as_of"]
    return [
        Node(repeat_counter(table), [landed, "as_of"], repeats, name=f"find_repeated_{table}"),
        Node(judge(table), given, judged, name=f"judge_{table}"),
        Node(counter(table), judged, counts, name=f"count_{table}"),
        Node(rejecter(table), [judged, counts], rejected, name=f"quarantine_{table}"),
        Node(
            acceptor(table),
            [judged, counts, rejected, "params:staging"],
            f"staging.{table}",
            name=f"accept_{table}",
        ),
    ]
