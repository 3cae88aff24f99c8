"""What simulated reviews are made of: banks of sentences, for one kind of goods.

A sentence may have one hole, `{noun}`, for what was bought; it reads right whether that is one or many.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Bank = tuple[str, ...]


@dataclass(frozen=True)
class Sided:
    """Sentences of praise and of complaint about one thing."""

    good: Bank
    bad: Bank


@dataclass(frozen=True)
class Words:
    """The banks of one kind of goods: by rating, by aspect and side, and what takes no side."""

    verdicts: Mapping[int, Bank]
    titles: Mapping[int, Bank]
    short: Mapping[int, Bank]
    aspects: Mapping[str, Sided]
    people: Sided
    comparisons: Sided
    recommendations: Sided
    openings: Bank
    usage: Bank
    closings: Bank


LEADS: Bank = (
    *([""] * 32),
    "honestly, ",
    "to be fair, ",
    "for me, ",
    "I have to say, ",
    "also, ",
    "in my opinion, ",
    "this time around, ",
    "as others have said, ",
    "all in all, ",
    "as far as I can tell, ",
)
"""How an opinion may begin; most have no such words."""

TAILS: Bank = (
    *([""] * 48),
    ", at least in my experience",
    ", and my neighbor noticed it too",
    ", which I did not expect",
    ", just so you know",
    ", and that matters to me",
    ", and I have bought it more than once",
    ", as you can see right away",
    ", if you ask me",
)
"""How an opinion may end."""

SPAM: Bank = (
    "CLICK HERE for FREE coupons http://cheap-deals.example.com/win !!! LIMITED OFFER !!! CLICK HERE NOW",
    "I made $500 a day working from home, visit www.easy-money.example.com and use promo code RICH99",
    "Best prices online at https://discount-shop.example.net , buy now and get a free gift card !!!",
    "BUY NOW BUY NOW BUY NOW best product best price best seller www.best-price.example.org",
    "Follow my page for giveaways!!! https://follow-me.example.com promo code SAVE50 SAVE50 SAVE50",
    "goooooooooooooooooooooooooooood goooooooooooooooooooooooooooood aaaaaaaaaaaaaaaaaaaaaaaaaaaa !!!!!!!!!!",
)

CONTACTS: Bank = (
    "If anyone from the company reads this, write to me at {mail}.",
    "You can reach me at {mail} if you need more details.",
    "I left my number, {phone}, and nobody called back.",
    "Please call me at {phone} about a refund.",
    "Questions? {mail} or {phone}, happy to help.",
)
"""What people should not write: it is masked before anything is stored."""

NAMES: Bank = ("anna", "bob.miller", "carla", "dave", "erin", "frank_j", "grace", "henry.o", "iris", "joan")

OTHER_LANGUAGES: Mapping[str, Sided] = {
    "es": Sided(
        (
            "Me encanta este producto y lo compro todas las semanas.",
            "El sabor es excelente y a mis hijos les gusta mucho.",
            "Muy buena calidad por el precio que tiene.",
            "Llegó bien empaquetado y estaba muy fresco.",
            "Lo recomiendo a toda mi familia sin ninguna duda.",
            "La próxima vez voy a comprar dos o tres más.",
        ),
        (
            "No me gustó nada y no lo voy a volver a comprar.",
            "El sabor es muy malo y tuve que tirarlo a la basura.",
            "Es demasiado caro para la cantidad que trae.",
            "El paquete estaba roto cuando llegué a la casa.",
            "No lo recomiendo, hay otras marcas mucho mejores.",
            "Me quedé muy decepcionada con esta compra.",
        ),
    ),
    "fr": Sided(
        (
            "Je suis très contente de cet achat, la qualité est au rendez-vous.",
            "Toute la famille adore et nous en achetons chaque semaine.",
            "Le prix est correct et le produit est vraiment bon.",
            "Je le recommande à tout le monde sans hésiter.",
        ),
        (
            "Je suis vraiment déçue, je ne l'achèterai plus jamais.",
            "Le produit est trop cher pour ce que c'est.",
            "L'emballage était abîmé et le contenu n'était pas frais.",
            "Franchement, je ne le conseille à personne.",
        ),
    ),
}
