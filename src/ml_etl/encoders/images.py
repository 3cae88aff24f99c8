"""Image files of a folder: opened only inside of it, and only if they are images of a sensible size."""

import contextlib
import io
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np

from ml_etl.vectors import NO_FILE

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = {"JPEG": {".jpg", ".jpeg"}, "PNG": {".png"}, "WEBP": {".webp"}}
"""The formats that are read, and how their files may be named."""

_SUFFIXES = {**SUFFIXES, "MPO": SUFFIXES["JPEG"]}
"""The same by what Pillow finds a file to be: a JPEG of several pictures, as phones write them, is an MPO."""


class BadImage(Exception):
    """Why an image can't be used; a reason, not an error."""


@dataclass(frozen=True)
class Limits:
    """What is still opened: a small file can hold an image that fills the memory."""

    max_bytes: int
    max_pixels: int


@dataclass(frozen=True)
class ImageFile:
    """One image by its path below the root; nothing is opened before it is read."""

    root: Path
    path: str | None
    limits: Limits

    def read(self) -> bytes:
        """The file's bytes.

        Raises:
            BadImage: no such file, not one of the folder's, or too large.
        """
        place = self._place()
        try:
            descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | getattr(os, "O_NONBLOCK", 0))
        except FileNotFoundError:
            raise BadImage(NO_FILE) from None
        except OSError as error:
            raise BadImage(f"can't be read ({error.strerror})") from None
        try:
            self._check(os.fstat(descriptor))
            with os.fdopen(os.dup(descriptor), "rb") as stream:
                return stream.read(self.limits.max_bytes + 1)
        finally:
            os.close(descriptor)

    def _place(self) -> Path:
        """The file's path, which is inside the root and leads over no link."""
        if not self.path:
            raise BadImage("no image named")
        named = PurePosixPath(self.path)
        if named.is_absolute() or ".." in named.parts or "\\" in self.path or "\x00" in self.path:
            raise BadImage("path leaves the image folder")
        place = self.root / named
        try:
            real = place.resolve()
        except (OSError, RuntimeError):
            raise BadImage("path can't be followed") from None
        if real != place:
            inside = real.is_relative_to(self.root)
            raise BadImage("symbolic link" if inside else "symbolic link that leaves the image folder")
        return place

    def _check(self, found: os.stat_result) -> None:
        if not stat.S_ISREG(found.st_mode):
            raise BadImage("not a file")
        if found.st_size == 0:
            raise BadImage("empty file")
        if found.st_size > self.limits.max_bytes:
            raise BadImage(f"file larger than {self.limits.max_bytes / 1e6:g} MB")

    def check(self, content: bytes) -> None:
        """Judge an image by its header: format, name, size in pixels.

        Raises:
            BadImage: not an image, of another format than its name says, or too large.
        """
        with _judged(), _opened(content, self.limits) as image:
            self._check_header(image)

    def pixels(self, content: bytes) -> "Image":
        """The whole image, of several the first, upright, as RGB; what is transparent is white.

        Raises:
            BadImage: as for `check`, or cut off or damaged.
        """
        with _judged(), _opened(content, self.limits) as image:
            self._check_header(image)
            image.load()
            return _as_rgb(_in_eight_bits(image))

    def _check_header(self, image: "Image") -> None:
        suffix = PurePosixPath(str(self.path)).suffix.lower()
        if suffix not in _SUFFIXES[str(image.format)]:
            raise BadImage(f"named {suffix or 'without a suffix'}, but is {image.format}")
        if image.width * image.height > self.limits.max_pixels:
            raise BadImage(_too_many(self.limits))


def _too_many(limits: Limits) -> str:
    return f"more than {limits.max_pixels / 1e6:g} million pixels"


@contextlib.contextmanager
def _opened(content: bytes, limits: Limits) -> Iterator["Image"]:
    from PIL import Image, UnidentifiedImageError

    try:
        opened = Image.open(io.BytesIO(content), formats=list(SUFFIXES))
    except UnidentifiedImageError:
        raise BadImage(f"not an image ({', '.join(SUFFIXES)})") from None
    except Image.DecompressionBombError:
        raise BadImage(_too_many(limits)) from None
    with opened:
        yield opened


@contextlib.contextmanager
def _judged() -> Iterator[None]:
    """What a decoder raises on damaged files has no common base."""
    try:
        yield
    except BadImage:
        raise
    except Exception as error:
        raise BadImage(f"cut off or damaged ({type(error).__name__})") from None


def _in_eight_bits(image: "Image") -> "Image":
    """Grey of 16 bits by its upper byte, as colours of 16 are read: `convert` makes all above 255 white."""
    from PIL import Image

    return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)) if image.mode == "I;16" else image


def _as_rgb(image: "Image") -> "Image":
    from PIL import Image, ImageOps

    upright = ImageOps.exif_transpose(image)
    if not upright.has_transparency_data:
        return upright.convert("RGB")
    layered = upright.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered).convert("RGB")


class Images:
    """A folder of images. `naming` is how the shop names an article's file where it doesn't say its path."""

    def __init__(self, root: Path, limits: Limits, naming: str | None = None):
        self._root = root.resolve()
        self._limits = limits
        self._naming = naming

    def file(self, path: str | None, article_id: str | None = None) -> ImageFile:
        """The image at a path below the folder, else the one of the article."""
        if not path and article_id and self._naming:
            path = self._naming.format(article_id=article_id, group=article_id[:3])
        return ImageFile(self._root, path or None, self._limits)

    def files(self, paths: Sequence[Any], article_ids: Sequence[str] | None = None) -> list[ImageFile]:
        """`file` for each row; a path that is no text (null) counts as not named."""
        ids = article_ids if article_ids is not None else [""] * len(paths)
        named = [path if isinstance(path, str) else None for path in paths]
        return [self.file(path, article_id) for path, article_id in zip(named, ids, strict=True)]
