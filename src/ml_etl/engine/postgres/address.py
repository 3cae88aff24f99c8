"""Where a Postgres is: one URL, or host, user and password, from the environment and from nowhere else."""

import os

from ml_etl.errors import UsageError

_SOURCE = "ML_ETL_SOURCE"
_PARTS = {"HOST": "host", "PORT": "port", "DATABASE": "dbname", "USER": "user", "PASSWORD": "password"}
_DEFAULTS = {
    "application_name": "ml_etl",
    "connect_timeout": "10",
    # A peer that is gone without a word is noticed after about two minutes, not after two hours.
    "keepalives_idle": "60",
    "keepalives_interval": "10",
    "keepalives_count": "6",
}


def source_address() -> str:
    """libpq's connection string of ML_ETL_SOURCE_URL, else of ML_ETL_SOURCE_HOST, _PORT, _DATABASE, _USER,
    _PASSWORD.

    Raises:
        UsageError: neither is set, or the URL is none; what was given is never repeated.
    """
    from psycopg.conninfo import make_conninfo  # only runs on Postgres pay for its import

    if os.environ.get(f"{_SOURCE}_URL"):
        return address_in(f"{_SOURCE}_URL")
    given = {part: os.environ.get(f"{_SOURCE}_{name}") for name, part in _PARTS.items()}
    if not given["host"]:
        raise UsageError(
            f"The shop's Postgres is not named: set {_SOURCE}_URL=postgresql://user:password@host/database "
            f"or {_SOURCE}_HOST, _DATABASE, _USER and _PASSWORD."
        )
    return make_conninfo("", **_DEFAULTS, **{part: value for part, value in given.items() if value})


def address_in(variable: str) -> str:
    """libpq's connection string of the URL in an environment variable."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    url = os.environ[variable].replace("postgresql+psycopg://", "postgresql://", 1)
    try:
        return make_conninfo(url, **{k: v for k, v in _DEFAULTS.items() if k not in conninfo_to_dict(url)})
    except ProgrammingError:
        raise UsageError(
            f"{variable} is no Postgres URL: expected postgresql://user:password@host:5432/database, signs "
            f"such as @ : / in user and password written as %40 %3A %2F."
        ) from None  # the driver's text repeats parts of what was given
