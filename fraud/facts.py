"""The signals: every fact that rules about fraud can read, with its type, unit and meaning."""

from typing import cast

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from controls.rules.facts import Fact, FactType
from controls.units import ATTEMPTS, CARDS, DAYS, HOURS, PEOPLE, PIECES, SECONDS, STEPS, TIMES
from core.sentences import Text
from fraud.acts.facts import ACT_FACTS
from fraud.states import Listed
from fraud.words import NETWORKS, SPAN_WORDS

_NOT_KNOWN = _("Not known without a script in the browser.")
COUNTED: dict[str, tuple[Text, Text]] = {
    "person": (_("attempts of the person within {span}"), _("Checkouts of the same person, of all their accounts; this one counts.")),
    "email": (_("attempts with the e-mail address within {span}"), _("Checkouts under the same confirmed address; this one counts.")),
    "phone": (_("attempts with the phone number within {span}"), _("Checkouts under the same phone number; this one counts.")),
    "name": (
        _("attempts under the name and birth date within {span}"),
        _("Checkouts of anybody with this name and date of birth; this one counts."),
    ),
    "device": (_("attempts from the device within {span}"), _("Checkouts from the same browser, as it knows itself; this one counts.")),
    "browser": (
        _("attempts of alike browsers at the address within {span}"),
        _("Checkouts to the same address from browsers that look the same; this one counts."),
    ),
    "card": (_("attempts with the card within {span}"), _("Checkouts with the same card, whoever added it; this one counts.")),
    "address": (_("attempts at the address within {span}"), _("Checkouts of people who live at this address; this one counts.")),
    "network": (_("attempts from the network within {span}"), _("Checkouts from the same internet address; this one counts.")),
    "same": (_("identical baskets of the person within {span}"), _("The same goods, pieces and prices in the same shop; this one counts.")),
    "twin": (
        _("identical baskets at the address within {span}"),
        _("The same goods in the same shop, bought by anybody who lives at this address; this one counts."),
    ),
}
"""The counts for each span: title and meaning; `{span}` is one of SPAN_WORDS."""
SHARED: dict[str, tuple[Text, Text]] = {
    "device": (_("people on the device within {span}"), _("How many people bought from this browser; this one counts.")),
    "browser": (
        _("people with alike browsers at the address within {span}"),
        _("How many people at this address bought from browsers that look the same; this one counts."),
    ),
    "card": (_("people with the card within {span}"), _("How many people bought with this card; this one counts.")),
    "address": (_("people at the address within {span}"), _("How many people bought who live at this address; this one counts.")),
    "network": (_("people from the network within {span}"), _("How many people bought from this internet address; this one counts.")),
    "phone": (_("people with the phone number within {span}"), _("How many people bought under this phone number; this one counts.")),
}
"""The counts of people who share a value, within a day and within 30 days."""
CARDED: dict[str, tuple[Text, Text]] = {
    "person": (_("cards of the person within a day"), _("How many cards the person bought with or tried; this one counts.")),
    "device": (_("cards on the device within a day"), _("How many cards were used from this browser; this one counts.")),
    "network": (_("cards from the network within a day"), _("How many cards were used from this internet address; this one counts.")),
}
"""The counts of cards used with a value."""


def _title(title: Text, span: str) -> Text:
    return cast("Text", format_lazy(cast("str", title), span=cast("str", SPAN_WORDS[span])))


_VELOCITY = tuple(
    Fact(f"{kind}_{span}", FactType.WHOLE, _title(title, span), meaning, 1, ATTEMPTS)
    for kind, (title, meaning) in COUNTED.items()
    for span in SPAN_WORDS
)
_SHARING = tuple(
    Fact(f"{kind}_people_{span}", FactType.WHOLE, _title(title, span), meaning, 1, PEOPLE)
    for kind, (title, meaning) in SHARED.items()
    for span in ("1d", "30d")
)
_CARDING = tuple(Fact(f"{kind}_cards_1d", FactType.WHOLE, title, meaning, 1, CARDS) for kind, (title, meaning) in CARDED.items())

_BASKET = (
    Fact("amount", FactType.AMOUNT, _("the amount of the purchase"), _("What the purchase costs in all."), 249_900),
    Fact("limit_share", FactType.SHARE, _("the share of the limit"), _("The amount, as a share of the person's whole limit."), 0.4),
    Fact(
        "times_usual",
        FactType.NUMBER,
        _("how many times the person's usual amount"),
        _("The amount, divided by the average of the person's earlier purchases; not known for a first one."),
        1.2,
        TIMES,
    ),
    Fact(
        "times_shop",
        FactType.NUMBER,
        _("how many times the shop's usual amount"),
        _("The amount, divided by the average of the shop's last purchases; not known where it has few."),
        1.1,
        TIMES,
    ),
    Fact("resold_pieces", FactType.WHOLE, _("pieces that are easily resold"), _("By category, or by a word of their name."), 1, PIECES),
    Fact("pieces", FactType.WHOLE, _("the number of pieces"), _("All pieces of all items of the basket."), 3, PIECES),
    Fact("categories", FactType.TEXTS, _("the categories of the goods"), _("The categories that the shop names, each once."), ["phones"]),
    Fact("shop", FactType.TEXT, _("the shop"), _("The shop's id."), "mer_aaaaaaaaaaaaaaaaaaaaaaaaaa"),
)
_PERSON = (
    Fact("account_days", FactType.WHOLE, _("the number of days since the account was opened"), _("Whole days, 0 on the first."), 40, DAYS),
    Fact("bought_before", FactType.WHOLE, _("earlier purchases"), _("Attempts that were let through within the time kept."), 4, ATTEMPTS),
    Fact(
        "address_days",
        FactType.WHOLE,
        _("days since the address was changed"),
        _("Not known where the person never changed it."),
        200,
        DAYS,
    ),
    Fact(
        "contact_days",
        FactType.WHOLE,
        _("days since the e-mail address or phone number was changed"),
        _("Not known where the person never changed them."),
        200,
        DAYS,
    ),
    Fact("disposable", FactType.YES, _("the mailbox is disposable"), _("Anybody opens such a mailbox without a name."), False),
    Fact(
        "name_differs",
        FactType.YES,
        _("the shop knows another name"),
        _("The name that the shop tells has no word in common with the person's."),
        False,
    ),
    Fact(
        "address_differs",
        FactType.YES,
        _("the shop knows another address"),
        _("The address that the shop tells has another postal code than the person's."),
        False,
    ),
    Fact(
        "mismatches",
        FactType.WHOLE,
        _("details that the identity check did not confirm"),
        _("Of name, birth date and address, in the last check."),
        0,
        _("details"),
    ),
    Fact("thin_file", FactType.YES, _("the bureau knows little of the person"), _("The bureau's report has hardly any accounts."), False),
    Fact(
        "unmet",
        FactType.WHOLE,
        _("details met for the first time"),
        _("How many of name with birth date, phone number, e-mail address, address, card and device nobody bought with in 30 days."),
        4,
        _("details"),
    ),
    Fact("proved", FactType.YES, _("the person entered another code"), _("After this checkout asked for one, within half an hour."), False),
)
_CARD = (
    Fact("card_proved", FactType.YES, _("the bank confirmed the card"), _("After this checkout asked it, within half an hour."), False),
    Fact("card_days", FactType.WHOLE, _("days since the card was added"), _("Whole days, 0 on the first."), 90, DAYS),
    Fact(
        "declined_1d",
        FactType.WHOLE,
        _("declined cards within a day"),
        _("Cards that were declined to this person, or from this browser; the more of the two."),
        0,
        CARDS,
    ),
)
_DEVICE = (
    Fact(
        "new_device",
        FactType.YES,
        _("the device is new to the person"),
        _("They have an older one, and first signed in or bought from this browser less than a day ago."),
        False,
    ),
    Fact("network_kind", FactType.TEXT, _("the kind of the network"), _("Who the internet address belongs to."), "home", choices=NETWORKS),
    Fact("network_abroad", FactType.YES, _("the network is in another country"), _("Than the person's address."), False),
    Fact(
        "network_km",
        FactType.NUMBER,
        _("how far the network is from the address"),
        _("Between the place of the internet address and the middle of the region of the person's address."),
        40.0,
        _("kilometers"),
    ),
    Fact(
        "zone_gap",
        FactType.NUMBER,
        _("hours between the device's clock and the person's place"),
        _NOT_KNOWN,
        0.0,
        HOURS,
    ),
    Fact("pasted_name", FactType.YES, _("the name was pasted"), _("People type their own name. Not known without a script."), False),
    Fact("fill_s", FactType.NUMBER, _("seconds to fill the form"), _("From the page's display to its sending."), 31.0, SECONDS),
)
MODEL_RISK = Fact(
    "model_risk",
    FactType.SHARE,
    _("the risk of fraud by the model"),
    _("A probability, from 0 to 1, by the model that decides; not known where none does."),
    0.02,
)

LISTS: dict[str, Text] = {Listed.BLOCK.value: _("block list"), Listed.ALLOW.value: _("allow list")}
_LISTED = Fact(
    "listed",
    FactType.TEXT,
    _("the list that something of it is on"),
    _("Whether operators blocked or allowed the person, device, card, address, e-mail address, its domain, phone number or network."),
    Listed.BLOCK.value,
    choices=LISTS,
)

_NETWORK = (
    Fact(
        "ring_people",
        FactType.WHOLE,
        _("people in the ring"),
        _("How many people are joined by what they share, over any number of steps: devices, cards, addresses, contacts; told up to 200."),
        1,
        PEOPLE,
    ),
    Fact(
        "fraud_steps",
        FactType.WHOLE,
        _("steps to known fraud"),
        _("0 is known fraud, 1 shares something with it, 2 shares something with such a person; not known beyond."),
        2,
        STEPS,
    ),
)

FACTS = (MODEL_RISK, _LISTED, *_BASKET, *_PERSON, *_CARD, *_DEVICE, *_NETWORK, *ACT_FACTS, *_VELOCITY, *_SHARING, *_CARDING)
BY_NAME = {fact.name: fact for fact in FACTS}
