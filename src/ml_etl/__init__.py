"""A shop's database goes in; versioned and checked machine-learning datasets come out."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ml_etl.store.reader import released

__all__ = ["released"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Load the reader on first use: the command line imports this package at every call."""
    if name != "released":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ml_etl.store.reader import released

    return released
