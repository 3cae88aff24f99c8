"""What the articles are called, what they cost, and how they are described."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ml_etl.shop.simulator import published
from ml_etl.shop.simulator.plan import Plan


@dataclass(frozen=True)
class Kind:
    """A product group: its product types, its garment group, and a typical price in thousandths."""

    types: tuple[str, ...]
    garment_group: str
    price: int


KINDS = {
    "Garment Upper body": Kind(
        ("Sweater", "T-shirt", "Blouse", "Top", "Shirt", "Jacket", "Hoodie"), "Jersey", 24
    ),
    "Garment Lower body": Kind(("Trousers", "Skirt", "Shorts", "Leggings", "Jeans"), "Trousers", 30),
    "Garment Full body": Kind(("Dress", "Jumpsuit", "Dungarees", "Playsuit"), "Dresses", 33),
    "Accessories": Kind(("Bag", "Hat", "Scarf", "Belt", "Earring", "Sunglasses"), "Accessories", 15),
    "Underwear": Kind(("Bra", "Briefs", "Underwear body"), "Under-, Nightwear", 18),
    "Shoes": Kind(("Boots", "Sneakers", "Sandals", "Ballerinas"), "Shoes", 38),
    "Swimwear": Kind(("Bikini top", "Swimsuit", "Swimwear bottom"), "Swimwear", 20),
    "Socks & Tights": Kind(("Socks", "Underwear Tights"), "Socks and Tights", 11),
    "Nightwear": Kind(("Pyjama set", "Night gown", "Robe"), "Under-, Nightwear", 25),
}
COLOURS = (
    "Black",
    "White",
    "Dark Blue",
    "Light Beige",
    "Blue",
    "Grey",
    "Red",
    "Light Pink",
    "Green",
    "Yellow",
)
_APPEARANCES = ("Solid", "All over pattern", "Melange", "Stripe", "Denim", "Placement print", "Check", "Dot")
_FABRICS = (
    "jersey",
    "soft cotton",
    "woven viscose",
    "fine-knit wool",
    "crêpe",
    "linen",
    "satin",
    "washed denim",
)
_NECKS = (
    "a round neckline",
    "a V-neck",
    "a collar",
    "an elasticated waist",
    "a zip at the back",
    "side pockets",
)
_MORE = (
    "long sleeves",
    "short sleeves",
    "ribbed trims",
    "a straight-cut hem",
    "slits at the sides",
    "a soft lining",
)
_FITS = ("Relaxed fit", "Slim fit", "Regular fit", "Loose fit", "Cropped fit", "Tailored fit")
_NAMES = (
    "Alva",
    "Bea",
    "Cleo",
    "Dora",
    "Edda",
    "Fia",
    "Greta",
    "Hedda",
    "Ida",
    "Juno",
    "Kaja",
    "Lova",
    "Maja",
    "Nora",
)


def prices(draws: np.random.Generator, kind: np.ndarray) -> np.ndarray:
    """int64 per product, in published.PRICE_UNIT: whole hundreds less one, as in 2,999."""
    typical = np.array([of.price for of in KINDS.values()])[kind] * 59.0
    return (
        np.maximum(np.round(typical * np.exp(0.45 * draws.standard_normal(len(kind))) / 100), 2).astype(int)
        * 100
        - 1
    )


def table(plan: Plan, ids: pa.Array, group: np.ndarray, kind: np.ndarray, product: np.ndarray) -> pa.Table:
    """The source table `articles`: texts of a product are equal, but for the colour."""
    draws = plan.draws(4)
    products = int(product[-1]) + 1
    of_product = {
        name: draws.integers(0, len(words), products)[product]
        for name, words in (
            ("fabric", _FABRICS),
            ("neck", _NECKS),
            ("more", _MORE),
            ("fit", _FITS),
            ("name", _NAMES),
        )
    }
    number = draws.integers(0, 1 << 30, products)[product]
    colour = draws.choice(len(COLOURS), size=plan.articles, p=_colour_shares())
    look = draws.integers(0, len(_APPEARANCES), plan.articles)
    groups, kinds = list(published.INDEX_GROUPS), list(KINDS)
    types = [KINDS[kinds[k]].types[n % len(KINDS[kinds[k]].types)] for k, n in zip(kind, number, strict=True)]
    words = zip(*of_product.values(), types, colour, strict=True)
    names, texts = zip(*(_described(*row) for row in words), strict=True)
    return pa.table(
        {
            "article_id": ids,
            "product_code": pa.array((100_000 + product).astype(str).astype(object)),
            "prod_name": pa.array(names),
            "product_type_name": pa.array(types),
            "product_group_name": _named(kinds, kind),
            "graphical_appearance_name": _named(_APPEARANCES, look),
            "colour_group_code": pa.array((colour + 1).astype(str).astype(object)),
            "colour_group_name": _named(COLOURS, colour),
            "department_name": pa.array(
                [f"{groups[g]} {kinds[k]}" for g, k in zip(group, kind, strict=True)]
            ),
            "index_group_no": pa.array((group + 1).astype(str).astype(object)),
            "index_group_name": _named(groups, group),
            "section_name": pa.array([f"{groups[g]} Everyday" for g in group]),
            "garment_group_name": pa.array([KINDS[kinds[k]].garment_group for k in kind]),
            "detail_desc": pa.array(texts, mask=draws.random(plan.articles) < 0.004),
        }
    )


def _described(
    fabric: int, neck: int, more: int, fit: int, name: int, noun: str, colour: int
) -> tuple[str, str]:
    text = f"{noun} in {_FABRICS[fabric]} with {_NECKS[neck]} and {_MORE[more]}. {_FITS[fit]}."
    return f"{_NAMES[name]} {noun.lower()}", text


def _named(names: tuple[str, ...] | list[str], number: np.ndarray) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(number.astype(np.int32)), pa.array(list(names))).cast(
        pa.string()
    )


def _colour_shares() -> np.ndarray:
    others = 1 / np.arange(2, len(COLOURS) + 1)
    black = published.COLOURS["Black"]
    return np.r_[black, (1 - black) * others / others.sum()]
