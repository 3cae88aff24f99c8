"""Addresses with a password in an unexpected place: warned of or refused, never repeated."""

from pathlib import Path

import kedro.framework.project  # noqa: F401  # sets logging up, which would take the place of caplog's handler
import pytest

from ml_etl.errors import EtlError
from tests.conftest import Data
from tests.shops import Shop

ODD = (
    "postgresql://user:CANARY/1@127.0.0.1:9/x",  # a slash: what follows the colon is taken for a port
    "postgresql://user:CAN@CANARY@127.0.0.1:9/x",
    "postgresql://user:CANARY#1@127.0.0.1:9/x",
    "CANARY",
    "postgresql://CANARY",
    "nonsense://user:CANARY@127.0.0.1/x",
)


def files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.slow  # a process each: it is its output that is looked at
@pytest.mark.parametrize("url", ODD)
def test_a_registry_that_is_none(data: Data, shop: Shop, url: str) -> None:
    params = ",".join(f"{name}={value}" for name, value in shop.params.items())
    ended = data.kedro(
        "run", "--env", "files", "--pipelines", "interactions", "--params", params, ML_ETL_REGISTRY_URL=url
    )
    assert ended.returncode == 0 and "etl_runs can't be written" in ended.stderr
    assert data.released().version
    assert "CANARY" not in ended.stdout + ended.stderr
    assert b"CANARY" not in files(data.folder)


@pytest.mark.parametrize("url", ODD)
def test_a_source_that_is_none(
    data: Data, url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("ML_ETL_SOURCE_URL", url)
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "1")
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda seconds: None)
    with pytest.raises(EtlError, match="ML_ETL_SOURCE_URL") as error:
        data.run("interactions", env="postgres")
    assert "CANARY" not in str(error.value) + caplog.text
    (row,) = data.runs()
    assert row["status"] == "failed" and "CANARY" not in str(row)


@pytest.mark.slow
def test_a_key_is_in_no_output(data: Data, shop: Shop) -> None:
    params = ",".join(f"{name}={value}" for name, value in shop.params.items())
    keys = {"ML_ETL_CUSTOMER_KEY": "CANARY", "ML_ETL_HASH_KEY": "CANARY too"}
    ended = data.kedro("run", "--env", "files", "--pipelines", "customers", "--params", params, **keys)
    assert ended.returncode == 0
    assert "CANARY" not in ended.stdout + ended.stderr + str(data.runs())
    assert b"CANARY" not in files(data.folder)
