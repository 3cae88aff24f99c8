"""Errors a user can act on: one screen of text, no traceback, one exit code per kind.

They are `click` errors, so that the command line prints only their text, and `DatasetError`s, so that
Kedro's catalog passes them through unwrapped.
"""

import click
from kedro.io.core import DatasetError


class EtlError(click.ClickException, DatasetError):
    """Base of all errors below; the message says what, where, what came, and what to do."""

    exit_code = 1


class UsageError(EtlError):
    """The command or a parameter can't be meant as given."""

    exit_code = 2


class ContractError(EtlError):
    """Data broke a contract; CURRENT stays as it is."""

    exit_code = 3


class SchemaDrift(ContractError):
    """A required table or column is missing, or has another type."""


class Locked(EtlError):
    """Another run holds the dataset."""

    exit_code = 4


class SourceUnreachable(EtlError):
    """The shop can't be read: file missing, unreadable, or server gone."""

    exit_code = 5


class SourceCut(SourceUnreachable):
    """The shop was not there, or went away while it was read: another try may do."""


class StoreError(EtlError):
    """The store can't be written: disk full, folder read-only."""

    exit_code = 6


class Stale(EtlError):
    """A released dataset is older than its schedule allows."""

    exit_code = 7


class Damaged(EtlError):
    """Released files are missing or differ from their manifest."""

    exit_code = 8


def cause_of(error: BaseException) -> BaseException:
    """The error a user can act on: the catalog wraps what a dataset raises when it is loaded."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, EtlError):
        cause = cause.__cause__
    return cause or error
