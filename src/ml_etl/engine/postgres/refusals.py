"""What Postgres and its driver refuse, as errors a user can act on.

Of a connection that fails the driver's own words are never shown: they may hold parts of the URL.
"""

import re

from ml_etl.errors import EtlError, SchemaDrift, SourceCut, SourceUnreachable

_STATE = re.compile(r"SQLSTATE: (\w{5})")
_SERVER_SAID = re.compile(r"(?:ERROR|FATAL): +(.+)")
_WHILE_STREAMING = {"statement timeout": "57014", "user request": "57014", "conflict with recovery": "40001"}
_GOING_DOWN = ("57P01", "57P02", "57P03")

# What the server says in English; in another language the general sentence is shown.
_CONNECTING = (
    (r"password authentication failed|no password supplied", "refuses the user or the password", False),
    (r"role \S+ does not exist|is not permitted to log in", "refuses the user or the password", False),
    (r"database \S+ does not exist", "has no such database", False),
    (r"no pg_hba\.conf entry|permission denied for database", "lets this user not in from here", False),
    (r"could not translate host name", "can't be found: its host name is not known", True),
)


def refused_connection(error: Exception) -> EtlError:
    """The error of a connection that did not come about."""
    advice = "Look at ML_ETL_SOURCE_URL (or ML_ETL_SOURCE_HOST, _PORT, _DATABASE, _USER, _PASSWORD)."
    for pattern, what, passing in _CONNECTING:
        if re.search(pattern, str(error)):
            kind = SourceCut if passing else SourceUnreachable
            return kind(f"The shop's Postgres {what}. {advice}")
    return SourceCut(f"The shop's Postgres can't be reached, or does not answer. {advice}")


def refused_reading(error: Exception, where: str) -> EtlError:
    """The error of a query or a stream that failed; without an SQLSTATE and an error of the server the
    connection is gone."""
    state = getattr(error, "sqlstate", None) or _found(_STATE, error) or _state_in_a_stream(error)
    if not state or state.startswith("08") or state in _GOING_DOWN:
        return SourceCut(f"{where}: the connection to the shop's Postgres was cut.")
    if state == "42501":
        return denied(where)
    if state in ("42P01", "42703", "3F000"):
        return SchemaDrift(
            f"{where}: {_said(error)}. The shop's tables changed while they were read; run again."
        )
    if state == "57014":
        return SourceUnreachable(
            f"{where}: the server stopped the query ({_said(error)}). If it was the time, raise "
            f"`source.statement_timeout_s` in conf/postgres/globals.yml."
        )
    if state in ("40001", "72000", "25P03"):
        return SourceCut(f"{where}: the server gave the snapshot up ({_said(error)}).")
    return SourceUnreachable(f"{where}: {_said(error)} (SQLSTATE {state}).")


def denied(where: str) -> SourceUnreachable:
    """The error of a right that is missing."""
    return SourceUnreachable(
        f"{where}: the shop's Postgres does not let this user read it. Grant it: GRANT USAGE ON SCHEMA …; "
        f"GRANT SELECT ON … (reading is all that is needed)."
    )


def _state_in_a_stream(error: Exception) -> str | None:
    """Of errors that come while rows stream the driver tells the words only."""
    said = str(error)
    if "PGRES_FATAL_ERROR" not in said or "FATAL:" in said:
        return None
    return next((state for words, state in _WHILE_STREAMING.items() if words in said), "XX000")


def _said(error: Exception) -> str:
    return (_found(_SERVER_SAID, error) or type(error).__name__).strip()[:200]


def _found(pattern: re.Pattern[str], error: Exception) -> str | None:
    match = pattern.search(str(error))
    return match.group(1) if match else None


def refused_writing(error: Exception, where: str) -> EtlError:
    """The error of a table that can't be filled; it stays as it was."""
    state = getattr(error, "sqlstate", None) or _found(_STATE, error)
    if state == "42501":
        return SourceUnreachable(
            f"{where}: this user may not create it ({_said(error)}). Name one that may: ML_ETL_LOAD_URL."
        )
    said = f"{_said(error)}, SQLSTATE {state}" if state else "the connection was cut"
    return SourceUnreachable(f"{where}: can't be loaded ({said}). It stays as it was; run again.")
