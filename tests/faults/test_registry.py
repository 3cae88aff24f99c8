"""A registry that can't be reached costs a warning and no data; its password is never shown."""

import pytest

from tests.faults.conftest import Reference
from tests.faults.place import DAYS, Place, hashes

SECRET = "s3cret-Word"
URLS = {
    "no such folder": "sqlite:////nonexistent/dir/x.db",
    "no server": f"postgresql+psycopg://etl:{SECRET}@127.0.0.1:1/runs",
    "no such driver": f"nosuch+driver://etl:{SECRET}@127.0.0.1:1/runs",
    "not a URL of SQLite's": f"sqlite://etl:{SECRET}@127.0.0.1/runs.db",
    "no port": f"postgresql+psycopg://etl:{SECRET}@127.0.0.1:port/runs",
}


def test_a_run_without_its_registry_releases(place: Place, reference: Reference) -> None:
    ended = place.run(DAYS[1], "new", ML_ETL_REGISTRY_URL=URLS["no such folder"])
    assert ended.code == 0, ended.output
    assert "WARNING etl_runs can't be written" in ended.output
    assert "Traceback" not in ended.output
    assert place.current
    assert hashes(place.current) == reference.expected[DAYS[1]]


@pytest.mark.parametrize("case", URLS)
def test_a_run_never_shows_the_password(place: Place, case: str) -> None:
    """Nothing is new, so that the run is short; it opens and closes its row all the same."""
    ended = place.run(DAYS[0], "again", ML_ETL_REGISTRY_URL=URLS[case])
    assert ended.code == 0, ended.output
    assert "WARNING etl_runs can't be written" in ended.output
    assert SECRET not in ended.output


@pytest.mark.parametrize("case", URLS)
def test_looking_at_runs_says_what_to_do(place: Place, case: str) -> None:
    ended = place.runs.start(place.data, ["runs", "--env", "files"], ML_ETL_REGISTRY_URL=URLS[case]).wait()
    assert ended.code not in (0, None)
    assert SECRET not in ended.output
    assert "Traceback" not in ended.output, ended.output
    assert "ML_ETL_REGISTRY_URL" in ended.output
