"""Settings of plans that operators may change."""

from django.utils.translation import gettext_lazy as _

from core.adjusting import alone_limits, keep_days

WAIVE_ALONE = alone_limits(
    "plans.waive_alone",
    title=_("Fees waived by one operator"),
    about=_("An operator waives at most so much of the fees of a purchase without a second person, all that they waived of it together."),
    why=_("Fees are capped by law; who waives more than a few at once should not be alone."),
    defaults={"USD": 20, "GBP": 20, "EUR": 20, "AUD": 30, "DKK": 200, "SEK": 200},
)
"""How much of a purchase's fees one operator may waive alone, by currency, in whole units."""

REARRANGE_ALONE = alone_limits(
    "plans.rearrange_alone",
    title=_("Payments laid out anew by one operator"),
    about=_("An operator lays out the payments of a plan anew without a second person where no more of its price is open."),
    why=_("Where much is open, two people should agree on another schedule."),
)
"""How much open principal of a plan one operator may lay out anew alone, by currency, in whole units."""

SETTINGS = [
    *WAIVE_ALONE.values(),
    *REARRANGE_ALONE.values(),
    keep_days(
        "plans",
        "budgets",
        floor=365,
        default=730,
        title=_("Income and costs of people in hardship are kept"),
        why=_("Relief counts for a year, and what came of it is shown for twelve months."),
    ),
]
