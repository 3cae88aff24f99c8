"""What goes wrong with a server: one clear line, an exit code by kind, no secret, nothing written."""

from pathlib import Path

import kedro.framework.project  # noqa: F401  # sets logging up, which would take the place of caplog's handler
import pytest

from ml_etl.errors import EtlError, SchemaDrift, SourceCut, SourceUnreachable, UsageError
from tests.conftest import Data
from tests.postgres.proxy import CuttingProxy
from tests.postgres.server import CANARY, Database

pytestmark = pytest.mark.slow  # starts a server


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda seconds: None)


def fails(data: Data, kind: type[EtlError], said: str) -> EtlError:
    with pytest.raises(kind, match=said) as error:
        data.run("interactions", env="postgres")
    assert CANARY not in str(error.value)
    assert len(str(error.value).splitlines()) == 1
    return error.value


def test_a_wrong_password_is_one_line(data: Data, small: Database, passwords: None) -> None:
    ended = data.kedro("run", "--env", "postgres", **small.variables(password="CANARY-wrong"))
    assert ended.returncode == 5
    assert ended.stderr.count("\n") == 1 and "refuses the user or the password" in ended.stderr
    assert "CANARY" not in ended.stderr + ended.stdout and "Traceback" not in ended.stderr


def test_a_missing_table_is_one_line(data: Data, small: Database) -> None:
    small.do("DROP TABLE transactions")
    ended = data.kedro("run", "--env", "postgres", "--pipelines", "interactions")
    assert ended.returncode == 3
    (line,) = [line for line in ended.stderr.splitlines() if not line.startswith("INFO")]
    assert line == (
        "Error: public.transactions: the shop's Postgres has no such table; it has articles, customers. Is "
        "source_schema=public right?"
    )


def test_a_missing_right_names_the_table(data: Data, small: Database) -> None:
    small.do(f'REVOKE SELECT ON transactions FROM "{small.reader}"')
    assert (
        fails(data, SourceUnreachable, "public.transactions: .* does not let this user read it").exit_code
        == 5
    )


def test_a_missing_right_to_a_column_we_need_names_it(data: Data, small: Database) -> None:
    small.do(f'REVOKE SELECT (customer_id) ON customers FROM "{small.reader}"')
    fails(data, SourceUnreachable, "public.customers, column customer_id: .* does not let this user read it")


def test_a_missing_right_to_the_schema(data: Data, small: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    small.do("CREATE SCHEMA closed")
    monkeypatch.setenv("ML_ETL_SOURCE_SCHEMA", "closed")
    fails(data, SourceUnreachable, "schema closed: .* GRANT USAGE")


def test_a_missing_column_is_drift(data: Data, small: Database) -> None:
    small.do("ALTER TABLE transactions DROP COLUMN article_id")
    error = fails(data, SchemaDrift, r"public.transactions: required column article_id \(string\) is missing")
    assert error.exit_code == 3


def test_no_server_is_named(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("URL", "HOST"):
        monkeypatch.delenv(f"ML_ETL_SOURCE_{name}", raising=False)
    assert fails(data, UsageError, "set ML_ETL_SOURCE_URL").exit_code == 2


@pytest.mark.parametrize(
    "url", [f"postgresql://u:{CANARY}@h:port/db", f"mysql {CANARY}", f"postgresql://u:{CANARY}"]
)
def test_a_url_that_is_none_is_not_repeated(data: Data, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ML_ETL_SOURCE_URL", url)
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "1")
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda seconds: None)
    error = fails(data, EtlError, "ML_ETL_SOURCE_URL")
    assert "p@ss" not in str(error)


def test_a_server_that_is_not_there_is_asked_again(
    data: Data, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Five tries with pauses of 1, 2, 4 and 8 seconds."""
    slept: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", slept.append)
    monkeypatch.setenv("ML_ETL_SOURCE_URL", "postgresql://someone:CANARY@127.0.0.1:9/shop")
    assert fails(data, SourceCut, "can't be reached").exit_code == 5
    assert slept == [1, 2, 4, 8]
    assert "CANARY" not in caplog.text and "begins again in 8 s" in caplog.text


def test_a_cut_connection_is_tried_again_with_an_equal_result(
    data: Data, small: Database, tmp_path: Path, no_pause: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut while it connects, in the middle of 100,000 purchases, and near their end; then it holds."""
    small.do(
        "INSERT INTO customers SELECT 'c' || i FROM generate_series(2, 500) i",
        "INSERT INTO articles SELECT lpad(i::text, 3, '0') FROM generate_series(2, 200) i",
        "INSERT INTO transactions SELECT date '2020-01-01' + (i % 30), 'c' || 1 + i % 500, "
        "lpad((1 + i % 173)::text, 3, '0'), i / 100.0 FROM generate_series(1, 100000) i",
    )
    monkeypatch.setenv("PGSSLMODE", "disable")  # else a connection that is refused is tried twice
    monkeypatch.setenv("PGGSSENCMODE", "disable")
    data.run("interactions", env="postgres", run_id="undisturbed")
    whole = data.released(env="postgres")
    other = Data(tmp_path / "other")
    monkeypatch.setenv("ML_ETL_DATA", str(other.folder))
    with CuttingProxy(small.admin, cuts=[200, None, 500_000, None, 2_500_000]) as proxy:
        for name, value in small.variables(host="127.0.0.1", port=proxy.port).items():
            monkeypatch.setenv(name, value)
        other.run("interactions", env="postgres", run_id="cut")
    assert proxy.connections == 1 + 3 * 2  # the driver asks for types on a connection of its own
    assert _hashes(other.released(env="postgres")) == _hashes(whole)
    folder = other.folder / "02_intermediate" / "postgres" / "landing" / "transactions"
    assert [path.name for path in folder.glob(".*.parquet*")] == []


def _hashes(release: object) -> dict[str, str]:
    return {name: entry.sha256 for name, entry in release.manifest.artefacts.items()}  # type: ignore[attr-defined]
