"""Sentences about what a grocer sells beside food: for the house, the body, the pets."""

from ml_etl.shop.reviews.grocer import CLOSINGS, COMPARISONS, PACKAGING, PRICE, RECOMMENDATIONS
from ml_etl.shop.reviews.words import Sided, Words

HOUSEHOLD = Words(
    openings=(
        "I picked up the {noun} together with the groceries",
        "we ran out and I needed the {noun} in a hurry",
        "I have used the {noun} for about three months now",
        "a friend swears by the {noun}, so I gave it a try",
        "I had a coupon for the {noun}",
        "my usual brand was sold out and I took the {noun} instead",
        "I bought the {noun} for our new apartment",
        "I was looking for the {noun} without dyes",
        "I keep the {noun} under the sink for emergencies",
        "the {noun} caught my eye at the end of the aisle",
    ),
    usage=(
        "I used it every day for two weeks before writing this",
        "I keep one at home and one in the car",
        "it went into the bathroom cabinet",
        "we used it for the big cleaning before the holidays",
        "I took it along on a trip to my parents",
        "I followed the instructions on the back",
        "I used a little less than the label says",
        "it has its place next to the washer now",
    ),
    closings=(*CLOSINGS[:4], "that is all I can say about the {noun}", "hope this helps"),
    verdicts={
        1: (
            "it is useless and went straight into the trash",
            "a complete waste of money, I am really disappointed",
            "the worst {noun} I have ever bought",
            "it broke right away, terrible",
            "I hate it and want my money back",
            "awful, it gave me a rash",
        ),
        2: (
            "I was disappointed and would not get it again",
            "not good, I expected more from this brand",
            "there are too many problems with the {noun} to like it",
            "poor, it hardly does anything",
            "this is below average at best",
        ),
        3: (
            "it was okay, nothing special",
            "the {noun} did the job, but I was not impressed",
            "not bad, not great, just average",
            "fine in a pinch, I suppose",
            "it is decent, though I had hoped for more",
        ),
        4: (
            "I liked the {noun} and will probably buy it again",
            "pretty good overall, with one small thing to complain about",
            "a solid choice, it does what it should",
            "better than I thought it would be",
            "good product, I am happy with it",
        ),
        5: (
            "I love the {noun}, it is the best I have found",
            "this is amazing, everybody should have it at home",
            "perfect in every way, I use it every day",
            "absolutely wonderful, a new favorite",
            "excellent, I always keep the {noun} in the house",
            "great product and I would not change a thing",
        ),
    },
    titles={
        1: ("Useless", "Never again", "Waste of money", "Terrible {noun}", "Do not buy", "Broke at once"),
        2: ("Disappointed", "Not for us", "Expected more", "Meh", "Not worth it", "Poor {noun}"),
        3: ("It's okay", "Average", "Mixed feelings", "So-so", "Decent {noun}", "Does the job"),
        4: ("Pretty good", "Good {noun}", "Would buy again", "Nice", "Happy with it", "Works well"),
        5: (
            *("Love it!", "Best {noun} ever", "Works great", "So good", "A new favorite"),
            *("Excellent", "Five stars", "Great {noun}", "Amazing!", "Must have"),
        ),
    },
    short={
        1: ("Useless.", "Broken", "Never again!", "Bad.", "Do not buy this"),
        2: ("Not good.", "Meh", "Does not work", "Disappointing"),
        3: ("It's ok", "Okay I guess.", "Average", "So so"),
        4: ("Good.", "Pretty good", "Nice", "Works"),
        5: ("Works great!", "Love it", "So good!", "Great", "Perfect", "The best!"),
    },
    aspects={
        "quality": Sided(
            (
                "it works exactly as promised",
                "well made, it lasts and lasts",
                "the quality is as good as the name brand",
                "it does the job on the first try",
                "strong and reliable, I never had a problem with it",
                "gentle, and it works better than anything before",
            ),
            (
                "it does not work, no matter how much you use",
                "the quality has gone down, it feels flimsy",
                "it fell apart after a week",
                "it broke the second time I used it",
                "thin and weak, you need twice as much",
                "cheaply made, I expected it to last longer",
            ),
        ),
        "scent": Sided(
            (
                "it smells clean without being too strong",
                "the scent is fresh and pleasant",
                "I love the smell, like line dried sheets",
                "the fragrance is light and lovely",
            ),
            (
                "the smell is so strong it gave me a headache",
                "it smells like chemicals for hours",
                "the scent is awful, like cheap perfume",
                "an unpleasant odor stays in the room",
            ),
        ),
        "packaging": PACKAGING,
        "size": Sided(
            (
                "the size is perfect for a family of four",
                "it is a big package and lasts us all month",
                "the small size is just right for travel",
                "there is more in it than you would think",
            ),
            (
                "the package got smaller again and nobody says so",
                "too small for what they call family size",
                "the bottle is half empty when you open it",
                "too big to fit under my sink",
            ),
        ),
        "price": PRICE,
    },
    people=Sided(
        (
            "my husband asked me to buy more of the {noun} right away",
            "my daughter uses it too and is happy",
            "even my roommate noticed the difference",
            "my mother wanted to know the brand",
        ),
        (
            "my husband said to take it back",
            "nobody in my family wants to use it",
            "my roommate complained about it all week",
            "even my cleaning lady refused to use it",
        ),
    ),
    comparisons=COMPARISONS,
    recommendations=RECOMMENDATIONS,
)
