"""Facts for rules about money laundering: a person's purchases, payments and refunds in all their accounts."""

from django.utils.translation import gettext_lazy as _

from controls.rules.facts import Fact, FactType
from controls.units import DAYS, ORDERS, PEOPLE, REFUNDS, SHOPS, TIMES

_ALIKE = _("Of all orders of the week, the most whose amounts lie within a tenth of one another.")
_CYCLE = _("An order of the last 90 days that was captured and then refunded, all but a tenth.")
_LINKED = _("People who used the same device, card, phone number, e-mail address or home address to buy in the last 90 days.")

FACTS = (
    Fact("account_days", FactType.WHOLE, _("the number of days since the account was opened"), _("Whole days, 0 on the first."), 40, DAYS),
    Fact("orders_7d", FactType.WHOLE, _("orders within 7 days"), _("Authorized or captured, in all shops."), 2, ORDERS),
    Fact("amount_7d", FactType.AMOUNT, _("what was bought within 7 days"), _("In the currency of the person's market."), 249_900),
    Fact(
        "limit_share_7d",
        FactType.SHARE,
        _("the share of the limit bought within 7 days"),
        _("What was bought within 7 days, as a share of the person's whole limit; more than 1 where it was paid back meanwhile."),
        0.2,
    ),
    Fact("shops_7d", FactType.WHOLE, _("shops within 7 days"), _("In how many shops the person bought."), 2, SHOPS),
    Fact("alike_7d", FactType.WHOLE, _("orders of alike amounts within 7 days"), _ALIKE, 1, ORDERS),
    Fact("alike_top_7d", FactType.AMOUNT, _("the largest of the alike amounts within 7 days"), _ALIKE, 149_900),
    Fact("orders_30d", FactType.WHOLE, _("orders within 30 days"), _("Authorized or captured, in all shops."), 3, ORDERS),
    Fact("amount_30d", FactType.AMOUNT, _("what was bought within 30 days"), _("In the currency of the person's market."), 349_900),
    Fact(
        "times_usual_30d",
        FactType.NUMBER,
        _("how many times the usual amount of 30 days"),
        _("What was bought within 30 days, divided by the average of 30 days in the half year before; not known without purchases then."),
        1.1,
        TIMES,
    ),
    Fact(
        "quiet_days",
        FactType.WHOLE,
        _("days without a purchase before the last 30 days"),
        _("Between the last order before, and the first one within 30 days; not known where there was none before."),
        20,
        DAYS,
    ),
    Fact("refunds_90d", FactType.WHOLE, _("refunded orders within 90 days"), _("Orders of these days with any refund."), 1, ORDERS),
    Fact(
        "refund_share_90d",
        FactType.SHARE,
        _("the refunded share of 90 days"),
        _("Of what was captured of the orders of these days, the share that was refunded; not known where nothing was captured."),
        0.1,
    ),
    Fact(
        "elsewhere_90d",
        FactType.WHOLE,
        _("refunds to another card or account within 90 days"),
        _("Refunds that went to another card or a bank account, and not to what had paid."),
        0,
        REFUNDS,
    ),
    Fact(
        "paid_ahead_30d",
        FactType.SHARE,
        _("the share paid before it was due, within 30 days"),
        _("Of what was paid within 30 days, the share that was due more than a week later; not known where nothing was paid."),
        0.1,
    ),
    Fact("cycles_90d", FactType.WHOLE, _("purchases refunded at one shop within 90 days"), _CYCLE, 0, ORDERS),
    Fact(
        "linked_people_90d",
        FactType.WHOLE,
        _("linked people whose purchases one shop refunded within 90 days"),
        _LINKED,
        0,
        PEOPLE,
    ),
    Fact(
        "linked_cycles_90d",
        FactType.WHOLE,
        _("purchases of the person and linked people refunded at one shop within 90 days"),
        _LINKED,
        0,
        ORDERS,
    ),
)
"""Windows end at the time of evaluation. Only amounts in the currency of the person's market count."""
