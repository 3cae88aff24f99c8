"""What `kedro step` does."""

from typing import Any

from ml_etl.layout import PROJECT
from ml_etl.run.session import EtlSession, Step


def run_step(
    env: str | None, dataset: str, name: str, run_id: str, as_of: str | None, params: dict[str, Any]
) -> None:
    """Run one step of a dataset's run."""
    given = params | ({"as_of": as_of} if as_of else {})
    with EtlSession.create(project_path=PROJECT, env=env) as session:
        assert isinstance(session, EtlSession)
        session.run(run_id=run_id, runtime_params=given, step=Step(dataset, name))
