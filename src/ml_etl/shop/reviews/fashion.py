"""Sentences about clothes, for fashion shops."""

from ml_etl.shop.reviews.words import Sided, Words

FASHION = Words(
    openings=(
        "I ordered the {noun} for a wedding in the fall",
        "I saw the {noun} in the store and had to try it on",
        "I bought the {noun} online after reading the reviews",
        "I am 5'4\" and about 130 pounds",
        "I have been looking for something like the {noun} all season",
        "I tried the {noun} on in two colors",
        "my sister has the {noun} and I borrowed it once",
        "I wanted the {noun} for work and for the weekend",
        "I had my eye on the {noun} and waited for the sale",
        "I usually live in jeans, but I bought the {noun} anyway",
    ),
    usage=(
        "I wore it to the office with flats and a cardigan",
        "I wore it to a party with boots",
        "it has been through the wash three times by now",
        "I layered it over a white tee",
        "I took it along on vacation",
        "I wear it about once a week",
        "I hung it up overnight before wearing it",
    ),
    closings=(
        "I hope this helps someone who is on the fence",
        "I shop here quite often",
        "I bought it with my own money",
        "I will add photos when I get a chance",
        "for reference, I normally wear a medium",
        "that is all I can say about the {noun}",
    ),
    verdicts={
        1: (
            "this was awful on me and went right back",
            "I hated the {noun} the moment I put it on",
            "the worst {noun} I have ever ordered",
            "a complete waste of money, I am really disappointed",
            "terrible, it looks nothing like the picture",
        ),
        2: (
            "I was disappointed and returned it",
            "I wanted to love it, but it did not work for me",
            "there are too many problems with the {noun} to keep it",
            "not flattering at all, sadly",
        ),
        3: (
            "it was okay, nothing special",
            "cute, but I am still not sure about it",
            "there are things I like and things I don't",
            "it looked better on the model than on me",
        ),
        4: (
            "I like the {noun} a lot and will keep it",
            "really nice, almost perfect",
            "very pretty, with one small thing to complain about",
            "good buy, I am happy with it",
        ),
        5: (
            "I love the {noun}, it is my new favorite",
            "absolutely gorgeous, I got so many compliments",
            "perfect in every way, I could live in it",
            "so beautiful, I bought it in two colors",
            "stunning, this is the best {noun} I own",
        ),
    },
    titles={
        1: ("Awful", "Sent it back", "So disappointed", "Terrible {noun}", "Not as pictured"),
        2: ("Disappointed", "Not for me", "Wanted to love it", "Runs small", "Poor quality"),
        3: ("It's okay", "Cute but...", "Mixed feelings", "Just average", "On the fence"),
        4: ("Very nice", "Pretty {noun}", "Good buy", "Comfortable and cute", "Almost perfect"),
        5: ("Love it!", "Gorgeous", "My favorite {noun}", "So flattering", "Beautiful!", "Perfect fit"),
    },
    short={
        1: ("Awful.", "Returned it", "Never again!"),
        2: ("Not flattering", "Returned.", "Disappointing"),
        3: ("It's ok", "Cute but small", "Average"),
        4: ("Nice", "Very cute", "Pretty"),
        5: ("Love it!", "So cute!", "Gorgeous", "Perfect!!"),
    },
    aspects={
        "fit": Sided(
            (
                "it fits like a glove",
                "the fit is flattering and hides my tummy",
                "it drapes beautifully over the hips",
                "the waist sits right where it should",
            ),
            (
                "the fit is boxy and made me look pregnant",
                "it gapes at the chest and bunches at the back",
                "the waist hits me in an odd place",
                "the sleeves are awkward and the fit is off",
            ),
        ),
        "size": Sided(
            (
                "true to size, my usual small was perfect",
                "it runs true to size",
                "I ordered my normal size and it was just right",
            ),
            (
                "it runs small, I had to size up twice",
                "it runs large, even the extra small was huge",
                "too tight across the shoulders in my usual size",
                "it was too big everywhere and I had to size down",
            ),
        ),
        "fabric": Sided(
            (
                "the fabric is soft and has a nice weight",
                "I love the material, it feels like silk",
                "the linen is lovely and not see through",
            ),
            (
                "the fabric is thin and see through",
                "the material is stiff and wrinkles at once",
                "cheap looking polyester, I expected cotton",
            ),
        ),
        "quality": Sided(
            (
                "well made, the seams are neat",
                "the quality is excellent, it still looks new",
                "beautiful stitching and sturdy buttons",
            ),
            (
                "a seam ripped the first time I wore it",
                "poor quality, it pilled after one wash",
                "a button fell off and the zipper broke",
            ),
        ),
        "comfort": Sided(
            (
                "so comfortable that I forget I am wearing it",
                "comfy enough for a long flight",
                "it is cozy and never itchy",
            ),
            (
                "it is itchy and I could not wait to take it off",
                "uncomfortable when you sit down",
                "the collar scratches all day",
            ),
        ),
        "colour": Sided(
            (
                "the color is even richer in person",
                "the red is vibrant and goes with everything",
                "I love the print and the colors",
            ),
            (
                "the color is dull and not what the picture shows",
                "the color faded in the first wash",
                "the blue looks washed out on me",
            ),
        ),
        "style": Sided(
            (
                "the style is elegant without trying too hard",
                "such a cute design, feminine and modern",
                "a classic cut that can be dressed up or down",
            ),
            (
                "the design looks frumpy and dated",
                "the style is weird, like a costume",
                "the cut is shapeless, like a sack",
            ),
        ),
        "price": Sided(
            (
                "worth every penny",
                "a great deal on sale",
                "the price is fair for what you get",
            ),
            (
                "overpriced for what it is",
                "way too expensive for such thin stuff",
                "not worth the money, even on sale",
            ),
        ),
        "delivery": Sided(
            (
                "shipping was fast and it came nicely wrapped",
                "it arrived two days early",
                "the delivery was quick and easy",
            ),
            (
                "shipping took three weeks",
                "the package arrived late and torn",
                "the delivery was a mess and nobody answered",
            ),
        ),
    },
    people=Sided(
        (
            "my husband loves it on me",
            "my daughter wants to borrow it already",
            "a stranger stopped me to ask where I got it",
        ),
        (
            "my husband said it looks like a bathrobe",
            "even my mother said to send it back",
            "my best friend laughed when she saw it",
        ),
    ),
    comparisons=Sided(
        (
            "it is so much nicer than the one I had before",
            "I have three from this brand and this is the best",
            "better than others that cost twice as much",
        ),
        (
            "the one I bought last year was much better",
            "other brands do this better for less",
            "it used to be a brand I could trust",
        ),
    ),
    recommendations=Sided(
        (
            "I recommend the {noun} to anyone",
            "get it before it sells out",
            "I will order it in another color",
        ),
        (
            "I can't recommend the {noun} to anyone",
            "it is going back tomorrow",
            "save your money and skip this one",
        ),
    ),
)
