"""What people call the grocer's product categories, and whether they eat what is in them."""

FOOD, HOUSEHOLD = "food", "household"

_FOOD = """
soda: SOFT DRINKS · milk: FLUID MILK PRODUCTS · bread: BAKED BREAD/BUNS/ROLLS, BREAD · cheese: CHEESE, CHEESES
chips: BAG SNACKS, WAREHOUSE SNACKS · frozen dinner: FRZN MEAT/MEAT DINNERS · beef: BEEF · soup: SOUP
yogurt: YOGURT · frozen pizza: FROZEN PIZZA · canned vegetables: VEGETABLES - SHELF STABLE
cereal: COLD CEREAL · candy: CANDY - CHECKLANE, CANDY - PACKAGED · bananas: TROPICAL FRUIT
lunchmeat: LUNCHMEAT · juice: REFRGRATD JUICES/DRNKS, CANNED JUICES · crackers: CRACKERS/MISC BKD FD
ice cream: ICE CREAM/MILK/SHERBTS · eggs: EGGS · cookies: BAKED SWEET GOODS, COOKIES/CONES
deli ham: DELI MEATS · taco shells: HISPANIC · ketchup: CONDIMENTS/SAUCES
frozen vegetables: FRZN VEGETABLE/VEG DSH · sour cream: MILK BY-PRODUCTS · tuna: SEAFOOD - SHELF STABLE
canned chili: MEAT - SHELF STABLE · granola bars: CONVENIENT BRKFST/WHLSM SNACKS
canned peaches: FRUIT - SHELF STABLE · rice: DRY BN/VEG/POTATO/RICE · salad dressing: SALD DRSNG/SNDWCH SPRD
sparkling water: WATER - CARBONATED/FLVRD DRINK · vegetables: VEGETABLES - ALL OTHERS, VEGETABLES SALAD
baby food: BABY FOODS · mac and cheese: DINNER MXS:DRY · biscuits: REFRGRATD DOUGH PRODUCTS
salad mix: SALAD MIX · chicken: CHICKEN, CHICKEN/POULTRY · cake mix: BAKING MIXES · beer: BEERS/ALES
pasta: DRY NOODLES/PASTA · onions: ONIONS · potatoes: POTATOES · tomatoes: TOMATOES
popsicles: FRZN NOVELTIES/WTR ICE · pasta sauce: PASTA SAUCE · apples: APPLES · margarine: MARGARINES
flour: BAKING NEEDS · drink mix: PWDR/CRYSTL DRNK MX · pork chops: PORK · coffee: COFFEE
peanut butter: PNT BTR/JELLY/JAMS · spices: SPICES & EXTRACTS
breakfast sausage: BREAKFAST SAUSAGE/SANDWICHES
baked beans: BEANS - CANNED GLASS & MW · hot dogs: HOT DOGS · oranges: CITRUS · sausage: DINNER SAUSAGE
sports drink: ISOTONIC DRINKS · berries: BERRIES · bacon: BACON · sugar: SUGARS/SWEETNERS
frozen waffles: FRZN BREAKFAST FOODS · grapes: GRAPES · frozen burgers: FROZEN MEAT · peppers: PEPPERS-ALL
salad: SALAD BAR, SALADS/DIPS · pudding mix: DRY MIX DESSERTS · meatballs: MEAT - MISC
french fries: FRZN POTATOES · frozen shrimp: SEAFOOD - FROZEN · cooking oil: SHORTENING/OIL
cottage cheese: MISC. DAIRY · donuts: BREAKFAST SWEETS · carrots: CARROTS · pie: FROZEN PIE/DESSERTS
gravy: DRY SAUCES/GRAVY · garlic bread: FROZEN BREAD/DOUGH · hummus: REFRIGERATED
organic greens: ORGANICS FRUIT & VEGETABLES · pickles: PICKLE/RELISH/PKLD VEG · fruit cup: VALUE ADDED FRUIT
meal kit: HEAT/SERVE, PREPARED FOOD · oatmeal: HOT CEREAL · peaches: STONE FRUIT · wine: DOMESTIC WINE
smoked salmon: PROCESSED · rolls: ROLLS · cake: CAKES · nuts: SNACK NUTS
pancake syrup: MOLASSES/SYRUP/PANCAKE MIXS
butter: BUTTER · mushrooms: MUSHROOMS · broccoli: BROCCOLI/CAULIFLOWER
"""

_HOUSEHOLD = """
cat food: CAT FOOD · dog food: DOG FOODS · trash bags: FD WRAPS/BAGS/TRSH BG · toilet paper: BATH TISSUES
shampoo: HAIR CARE PRODUCTS
paper towels: PAPER TOWELS · paper plates: PAPER HOUSEWARES · toothpaste: ORAL HYGIENE PRODUCTS
cleaner: HOUSEHOLD CLEANG NEEDS · laundry detergent: LAUNDRY DETERGENTS
tissues: FACIAL TISS/DNR NAPKIN · soap: SOAP - LIQUID & BAR · dish soap: DISHWASH DETERGENTS
notebooks: STATIONERY & SCHOOL SUPPLIES · makeup: MAKEUP AND TREATMENT · cold medicine: COLD AND FLU
air freshener: AIR CARE · pads: FEMININE HYGIENE · deodorant: DEODORANTS
diapers: DIAPERS & DISPOSABLES
"""

_EATEN = (
    "GROCERY",
    "PRODUCE",
    "MEAT",
    "DELI",
    "PASTRY",
    "SEAFOOD",
    "SALAD",
    "RESTAURANT",
    "CHEF",
    "NUTRITION",
)
"""Beginnings of departments whose other categories are food."""


def _named(table: str) -> dict[str, str]:
    pairs = (entry.split(": ") for entry in table.strip().replace("\n", " · ").split(" · "))
    return {category: noun for noun, categories in pairs for category in categories.split(", ")}


_NOUNS = {FOOD: _named(_FOOD), HOUSEHOLD: _named(_HOUSEHOLD)}


def named(category: str | None, department: str | None) -> tuple[str, str]:
    """What people call it, and the kind of goods; a category without a name is a product."""
    for kind, nouns in _NOUNS.items():
        if category in nouns:
            return nouns[category], kind
    return "product", FOOD if (department or "").startswith(_EATEN) else HOUSEHOLD
