"""The built-in rules about fraud, in force until operators choose others.

Each requires two signals that rarely occur together in honest purchases: a shared home, a new phone or a large basket alone is not enough.
"""

from typing import Any

from controls.rule_kinds import shipped_rule
from fraud.states import Verdict

_RULES = [
    shipped_rule("blocked", "Something of it is on the block list", 5, 'listed == "block"', Verdict.BLOCK, "listed"),
    shipped_rule("card-testing", "Many cards from one device", 10, "device_cards_1d >= 5", Verdict.BLOCK, "cards"),
    shipped_rule(
        "declined-cards",
        "Declined cards, and another one from the same device",
        11,
        "declined_1d >= 4 && (device_cards_1d >= 2 || person_cards_1d >= 3)",
        Verdict.BLOCK,
        "cards",
    ),
    shipped_rule("crowd-on-a-device", "Many people on one device", 12, "device_people_1d >= 6", Verdict.BLOCK, "shared"),
    shipped_rule(
        "ring-at-an-address",
        "Several people at one address on one device",
        20,
        "address_people_30d >= 4 && (device_people_30d >= 4 || browser_people_30d >= 4)",
        Verdict.HOLD,
        "shared",
    ),
    shipped_rule(
        "identical", "The third identical basket within an hour", 21, "same_1h >= 3 && resold_pieces >= 1", Verdict.HOLD, "identical"
    ),
    shipped_rule(
        "identical-at-an-address",
        "Identical baskets of several people at one address",
        22,
        "twin_1d >= 4 && address_people_1d >= 3 && resold_pieces >= 1",
        Verdict.HOLD,
        "identical",
    ),
    shipped_rule(
        "take-over",
        "A new device, a changed address or contact, and an unusual basket",
        23,
        "(changed_new_days <= 30 || (new_device || device_silent) && (address_days <= 7 || contact_days <= 7)) "
        "&& (times_usual >= 3 || resold_pieces >= 2)",
        Verdict.HOLD,
        "take_over",
    ),
    shipped_rule("reseller", "Many pieces that are easily resold", 24, "resold_pieces >= 5", Verdict.HOLD, "resold"),
    shipped_rule(
        "synthetic",
        "A person whom nobody has met, with little behind them, who asks for all at once",
        25,
        "account_days < 3 && thin_file && unmet >= 5 && limit_share >= 0.7 "
        '&& (disposable || pasted_name || network_kind == "hosting" || resold_pieces >= 1)',
        Verdict.HOLD,
        "synthetic",
    ),
    shipped_rule("model", "The model sees a high risk", 27, "model_risk >= 0.6", Verdict.HOLD, "model"),
    shipped_rule("card-of-others", "A card that several people use", 26, "card_people_30d >= 4", Verdict.HOLD, "cards"),
    shipped_rule("known-fraud", "Known fraud, or who shares something with it", 27, "fraud_steps <= 1", Verdict.HOLD, "known"),
    shipped_rule(
        "large-ring",
        "A new account in a large ring, and easily resold goods",
        28,
        "ring_people >= 12 && account_days < 30 && resold_pieces >= 1",
        Verdict.HOLD,
        "shared",
    ),
    shipped_rule(
        "new-device",
        "A new device, and an unusual basket",
        40,
        "(new_device || device_silent) && !proved && (times_usual >= 4 || address_days <= 7 || contact_days <= 7)",
        Verdict.STEP_UP,
        "take_over",
    ),
    shipped_rule(
        "guessed-codes",
        "Mistyped codes, and a new device",
        43,
        "new_device && !proved && (failed_codes_1h >= 4 || device_failed_codes_1h >= 6)",
        Verdict.STEP_UP,
        "take_over",
    ),
    shipped_rule(
        "card-of-a-new-device",
        "A card that was added after a sign-in from a new device, and an unusual basket",
        44,
        "added_new_days <= 3 && card_days <= 3 && !proved && (times_usual >= 3 || resold_pieces >= 2)",
        Verdict.STEP_UP,
        "take_over",
    ),
    shipped_rule(
        "accounts-of-a-device",
        "Many people who sign in on one device, and a new account",
        29,
        "device_signin_people_1d >= 6 && account_days < 3 && resold_pieces >= 1",
        Verdict.HOLD,
        "shared",
    ),
    shipped_rule(
        "disposable",
        "A disposable mailbox and a large share of the limit",
        41,
        "disposable && !proved && limit_share >= 0.3",
        Verdict.STEP_UP,
        "mailbox",
    ),
    shipped_rule(
        "two-on-a-card", "A card of another person", 42, "card_people_30d >= 2 && card_days <= 1 && !card_proved", Verdict.CONFIRM, "cards"
    ),
]
_EXAMPLES = [
    {
        "name": "An honest purchase",
        "facts": {
            "device_people_1d": 1,
            "address_people_30d": 3,
            "device_cards_1d": 1,
            "same_1h": 1,
            "resold_pieces": 1,
            "declined_1d": 1,
            "unmet": 5,
            "account_days": 0,
            "thin_file": False,
            "limit_share": 0.9,
            "new_device": False,
        },
        "expects": [],
    },
    {"name": "A blocked device", "facts": {"listed": "block"}, "expects": ["block"]},
    {"name": "Five cards on one device", "facts": {"device_cards_1d": 5}, "expects": ["block"]},
    {"name": "The third identical phone", "facts": {"same_1h": 3, "resold_pieces": 1}, "expects": ["hold"]},
    {
        "name": "A stolen account",
        "facts": {"new_device": True, "address_days": 0, "times_usual": 5.0, "proved": True},
        "expects": ["hold"],
    },
    {
        "name": "A stolen account whose thief waits until the device is old",
        "facts": {"new_device": False, "device_days": 3, "changed_new_days": 3, "resold_pieces": 2, "address_days": 3},
        "expects": ["hold"],
    },
    {
        "name": "A thief whose browser says nothing",
        "facts": {"device_silent": True, "address_days": 1, "resold_pieces": 2, "proved": True},
        "expects": ["hold"],
    },
    {"name": "A new phone of an honest person", "facts": {"new_device": True, "times_usual": 1.2, "resold_pieces": 1}, "expects": []},
    {
        "name": "Codes are guessed on a new device",
        "facts": {"new_device": True, "failed_codes_1h": 4, "proved": False},
        "expects": ["step_up"],
    },
    {"name": "A device that fraud was bought from", "facts": {"fraud_steps": 1}, "expects": ["hold"]},
    {"name": "A friend of a friend", "facts": {"fraud_steps": 2, "ring_people": 9}, "expects": []},
    {"name": "A high risk by the model", "facts": {"model_risk": 0.7}, "expects": ["hold"]},
    {"name": "A shared home without a device", "facts": {"address_people_30d": 9}, "expects": []},
]

SHIPPED: dict[str, Any] = {"rules": _RULES, "examples": _EXAMPLES}
