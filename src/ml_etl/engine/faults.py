"""What can go wrong with files and queries, told as the project's errors."""

import contextlib
import errno
from collections.abc import Iterator

import duckdb

from ml_etl.errors import EtlError, SchemaDrift, SourceUnreachable, StoreError


@contextlib.contextmanager
def faults(where: str, writes: bool = False) -> Iterator[None]:
    """Turn the driver's and the system's errors into ones that name the place and say what to do.

    `writes`: only our own files are touched, so an error of the system is about writing them.
    """
    try:
        yield
    except EtlError:
        raise
    except (duckdb.ConversionException, duckdb.InvalidInputException, duckdb.BinderException) as error:
        raise SchemaDrift(f"{where}: {_short(error)}") from error
    except (duckdb.IOException, OSError) as error:
        if writes or _about_writing(error):
            raise StoreError(
                f"{where}: can't write ({_short(error)}). The release readers get is unchanged. Free disk "
                f"space, make the folder writable, or set ML_ETL_DATA; the next run needs no cleaning."
            ) from error
        raise SourceUnreachable(f"{where}: {_short(error)}") from error


_CANT_WRITE = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EROFS}


def _about_writing(error: Exception) -> bool:
    """Whether an error that may come from the source as well is about our own files."""
    text = str(error).lower()
    return (
        getattr(error, "errno", None) in _CANT_WRITE or "no space left" in text or "could not write" in text
    )


def _short(error: Exception) -> str:
    """The driver's message, at most ten lines of it."""
    return "\n".join(str(error).strip().splitlines()[:10])
