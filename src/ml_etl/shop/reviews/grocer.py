"""Sentences that go for whatever a grocer sells."""

from ml_etl.shop.reviews.words import Bank, Sided

CLOSINGS: Bank = (
    "I shop at this store about twice a week",
    "I will update this review if anything changes",
    "we are a household of four, for reference",
    "I do most of the cooking in our family",
    "I hope this helps somebody decide",
    "that is all I can say about the {noun}",
    "your mileage may vary, of course",
    "I paid for it myself, nobody asked me to write this",
)

COMPARISONS = Sided(
    (
        "it beats the national brand by a mile",
        "I compared it with two others and this one won easily",
        "I used to drive across town for the {noun}, no need for that now",
        "I have tried many brands and always come back to this one",
        "it is every bit as good as the expensive kind",
    ),
    (
        "the store brand is better and costs less",
        "it used to be good, but they must have changed the recipe",
        "I should have stayed with my old brand",
        "the other store has a much better one",
        "compared to last year this is a big step down",
    ),
)

RECOMMENDATIONS = Sided(
    (
        "I recommend the {noun} to anyone",
        "I will buy it again, no question",
        "give it a try, you won't regret it",
        "it is on my list for next week already",
        "I hope they never stop selling it",
        "thank you for carrying the {noun}",
    ),
    (
        "I can't recommend the {noun} to anyone",
        "I will not buy it again",
        "save your money and skip this one",
        "I am going to ask for a refund",
        "I hope they fix it soon",
        "never again, lesson learned",
    ),
)

PACKAGING = Sided(
    (
        "the package is easy to open and closes well again",
        "the resealable bag is a great idea",
        "nicely packed, nothing was broken",
        "the container is sturdy and stacks well in the pantry",
        "I like the new packaging, it is easy to pour from",
        "the lid closes tight and nothing leaked",
    ),
    (
        "the package was torn and half of it was on the shelf",
        "the lid leaked all over my groceries",
        "the can was dented and I did not trust it",
        "the seal was broken when I opened the box",
        "the bag rips every time and can't be closed again",
        "so much plastic packaging for so little food",
        "the box arrived crushed",
    ),
)

PRICE = Sided(
    (
        "the price is hard to beat",
        "a great value, cheaper than anywhere else in town",
        "it was on sale and worth every penny",
        "for this price I will stock up",
        "affordable, even when it is not on sale",
        "the price was fair for what you get",
    ),
    (
        "it is overpriced for what you get",
        "the price went up again, it is too expensive now",
        "not worth the money, a cheaper brand does the same",
        "I paid twice as much as at the other store",
        "way too expensive for such a little bit",
        "the sale price was not given at the register",
    ),
)
