"""Image files: what is opened, and the reason for each that is not."""

import os
import struct
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ml_etl.absent import Absent
from ml_etl.encoders.image_root import identity_of_folder, root_of
from ml_etl.encoders.images import BadImage, ImageFile, Images, Limits
from ml_etl.errors import ContractError, SourceUnreachable
from ml_etl.vectors import Encoded, require_few_problems
from tests.encoders.clips import picture

LIMITS = Limits(max_bytes=1_000_000, max_pixels=1_000_000)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    (folder / "010").mkdir(parents=True)
    picture("red").save(folder / "010" / "0108775015.jpg")
    return folder


def why(root: Path, path: str | None, limits: Limits = LIMITS) -> str:
    """The reason an image is not used, or that it is."""
    file = Images(root, limits).file(path)
    try:
        content = file.read()
        file.check(content)
        file.pixels(content)
    except BadImage as reason:
        return str(reason)
    return "used"


@pytest.mark.parametrize(("format", "name"), [("JPEG", "a.jpeg"), ("PNG", "A.PNG"), ("WEBP", "a.webp")])
def test_the_formats_that_are_read(root: Path, format: str, name: str) -> None:
    picture("blue").save(root / name, format=format)
    assert why(root, name) == "used"
    assert why(root, "010/0108775015.jpg") == "used"


def _outside(root: Path) -> str:
    picture("red").save(root.parent / "secret.png")
    return "../secret.png"


def _outside_in_the_middle(root: Path) -> str:
    return f"010/{'../' * 8}etc/passwd"


def _absolute(root: Path) -> str:
    return str(root / "010" / "0108775015.jpg")


def _backslashes(root: Path) -> str:
    return "..\\secret.png"


def _nul(root: Path) -> str:
    return "010/0108775015.jpg\x00.png"


def _link_inside(root: Path) -> str:
    (root / "link.jpg").symlink_to(root / "010" / "0108775015.jpg")
    return "link.jpg"


def _link_outside(root: Path) -> str:
    _outside(root)
    (root / "link.png").symlink_to(root.parent / "secret.png")
    return "link.png"


def _linked_folder(root: Path) -> str:
    _outside(root)
    (root / "more").symlink_to(root.parent)
    return "more/secret.png"


def _link_in_a_circle(root: Path) -> str:
    (root / "a").symlink_to(root / "b")
    (root / "b").symlink_to(root / "a")
    return "a/x.png"


def _folder(root: Path) -> str:
    return "010"


def _pipe(root: Path) -> str:
    os.mkfifo(root / "pipe.png")
    return "pipe.png"


def _empty(root: Path) -> str:
    (root / "empty.png").touch()
    return "empty.png"


def _text(root: Path) -> str:
    (root / "text.jpg").write_text("not an image, whatever it is called")
    return "text.jpg"


def _gif(root: Path) -> str:
    picture("red").save(root / "a.gif")
    return "a.gif"


def _wrongly_named(root: Path) -> str:
    picture("red").save(root / "a.jpg", format="PNG")
    return "a.jpg"


def _cut_off(root: Path) -> str:
    whole = (root / "010" / "0108775015.jpg").read_bytes()
    (root / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    return "cut.jpg"


def _damaged_in_the_middle(root: Path) -> str:
    picture("red").save(root / "wrong.png")
    content = bytearray((root / "wrong.png").read_bytes())
    content[len(content) // 2 :] = b"\xff" * (len(content) - len(content) // 2)
    (root / "wrong.png").write_bytes(content)
    return "wrong.png"


def _many_bytes(root: Path) -> str:
    (root / "large.png").write_bytes(b"\x00" * 1_000_001)
    return "large.png"


def _many_pixels(root: Path) -> str:
    Image.new("1", (1001, 1000)).save(root / "many.png")
    return "many.png"


def _bomb(root: Path) -> str:
    """A file of a few hundred bytes that says it has 10 thousand million pixels."""
    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\x00" * 1000)), (b"IEND", b"")]
    content = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    (root / "bomb.png").write_bytes(content)
    return "bomb.png"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda root: None, "no image named"),
        (lambda root: "", "no image named"),
        (lambda root: "010/none.jpg", "no such file"),
        (_outside, "path leaves the image folder"),
        (_outside_in_the_middle, "path leaves the image folder"),
        (_absolute, "path leaves the image folder"),
        (_backslashes, "path leaves the image folder"),
        (_nul, "path leaves the image folder"),
        (_link_inside, "symbolic link"),
        (_link_outside, "symbolic link that leaves the image folder"),
        (_linked_folder, "symbolic link that leaves the image folder"),
        (_link_in_a_circle, "path can't be followed"),
        (_folder, "not a file"),
        (_pipe, "not a file"),
        (_empty, "empty file"),
        (_text, "not an image (JPEG, PNG, WEBP)"),
        (_gif, "not an image (JPEG, PNG, WEBP)"),
        (_wrongly_named, "named .jpg, but is PNG"),
        (_cut_off, "cut off or damaged (OSError)"),
        (_damaged_in_the_middle, "cut off or damaged (SyntaxError)"),
        (_many_bytes, "file larger than 1 MB"),
        (_many_pixels, "more than 1 million pixels"),
        (_bomb, "more than 1 million pixels"),
    ],
)
def test_what_is_not_used_and_why(root: Path, make: Callable[[Path], str | None], reason: str) -> None:
    assert why(root, make(root)) == reason


def test_the_root_itself_may_be_a_link(root: Path) -> None:
    (root.parent / "elsewhere").symlink_to(root)
    assert why(root.parent / "elsewhere", "010/0108775015.jpg") == "used"


def test_images_come_upright_as_rgb_on_white(root: Path) -> None:
    turned = Image.new("RGB", (20, 10), "red")
    exif = turned.getexif()
    exif[0x0112] = 6  # shown turned by a quarter
    turned.save(root / "turned.jpg", exif=exif)
    clear = Image.new("RGBA", (4, 4), (0, 0, 255, 0))
    clear.putpixel((1, 1), (0, 0, 255, 255))
    clear.save(root / "clear.png")
    images = Images(root, LIMITS)
    pixels = {name: _pixels(images.file(name)) for name in ("turned.jpg", "clear.png")}
    assert pixels["turned.jpg"].size == (10, 20)
    assert pixels["clear.png"].mode == "RGB"
    assert pixels["clear.png"].getpixel((0, 0)) == (255, 255, 255)
    assert pixels["clear.png"].getpixel((1, 1)) == (0, 0, 255)


@pytest.mark.parametrize("name", ["phone.jpg", "PHONE.JPEG"])
def test_of_a_jpeg_of_several_pictures_the_first_is_meant(root: Path, name: str) -> None:
    """As phones write them, for depth or for both eyes: an MPO in Pillow's words."""
    first, second = Image.new("RGB", (20, 10), "red"), Image.new("RGB", (20, 10), "blue")
    first.save(root / name, format="MPO", save_all=True, append_images=[second])
    assert why(root, name) == "used"
    red, _, blue = _pixels(Images(root, LIMITS).file(name)).getpixel((10, 5))
    assert red > 250 and blue < 5
    (root / "phone.png").write_bytes((root / name).read_bytes())
    assert why(root, "phone.png") == "named .png, but is MPO"


def test_grey_of_16_bits_keeps_its_shades(root: Path) -> None:
    """0, a quarter, a half and all of 65,535."""
    shades = np.array([[0, 0x4000], [0x8000, 0xFFFF]], np.uint16)
    Image.fromarray(shades).save(root / "grey.png")
    assert Image.open(root / "grey.png").mode == "I;16"
    pixels = _pixels(Images(root, LIMITS).file("grey.png"))
    assert np.asarray(pixels).tolist() == [[[0] * 3, [64] * 3], [[128] * 3, [255] * 3]]


def _pixels(file: ImageFile) -> Image.Image:
    return file.pixels(file.read())


def test_files_are_found_by_path_else_by_the_shops_naming(root: Path) -> None:
    images = Images(root, LIMITS, naming="{group}/{article_id}.jpg")
    files = images.files(["a.png", None, float("nan")], ["0000000001", "0108775015", "0200000000"])
    assert [file.path for file in files] == ["a.png", "010/0108775015.jpg", "020/0200000000.jpg"]
    assert Images(root, LIMITS).file(None, "0108775015").path is None
    assert images.file(None, "../../etc/passwd").path == "..//../../etc/passwd.jpg"
    assert why(root, "..//../../etc/passwd.jpg") == "path leaves the image folder"


def test_the_folders_identity_follows_its_files(root: Path) -> None:
    states = [identity_of_folder(root)]
    picture("blue").save(root / "b.png")
    states.append(identity_of_folder(root))
    os.utime(root / "b.png", ns=(1, 1))
    states.append(identity_of_folder(root))
    (root / "b.png").rename(root / "c.png")
    states.append(identity_of_folder(root))
    assert len(set(states)) == 4
    (root / "c.png").unlink()
    assert identity_of_folder(root) == states[0]


def test_where_the_images_are(root: Path) -> None:
    assert root_of(str(root.parent), "images") == root
    assert isinstance(root_of(None), Absent)
    assert isinstance(root_of(str(root), "images"), Absent)
    with pytest.raises(SourceUnreachable, match="is no folder"):
        root_of(str(root / "none"))


def test_too_many_problems_stop_with_the_list() -> None:
    """3 of 10 can't be encoded: a quarter may not be enough, a third is."""
    items = [f"{number}.jpg" for number in range(10)]
    encoded = Encoded(None, {1: "empty file", 4: "no such file", 7: "no such file"})  # type: ignore[arg-type]
    require_few_problems(encoded, items, 0.3, "images")
    with pytest.raises(ContractError) as stopped:
        require_few_problems(encoded, items, 0.25, "images")
    message = str(stopped.value)
    assert message.startswith("images: 3 of 10 can't be encoded (30.0%), at most 25.0% may be")
    assert "2 no such file, 1 empty file" in message
    assert "  4.jpg: no such file" in message
    require_few_problems(Encoded(None), [], 0.0, "images")  # type: ignore[arg-type]
    assert Counter(encoded.problems.values()) == {"no such file": 2, "empty file": 1}
