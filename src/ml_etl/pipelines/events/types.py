"""The types of events the columns are named by; others are kept and counted together."""

TYPES = (
    "view",
    "click",
    "wishlist",
    "add_to_cart",
    "remove_from_cart",
    "checkout",
    "purchase",
    "search",
)
COUNTS = tuple(f"{name}_count" for name in (*TYPES, "other"))
