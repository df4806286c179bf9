"""The menus of the two portals, as data: one line for each item, in the order shown."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry of a menu; `key` is the `nav` of its page, `group` starts a section with a heading, `needs` is the permission required."""

    key: str
    label: str
    path: str
    icon: str
    group: str = ""
    on_phone: bool = True
    needs: str = ""


CONSUMER = (
    MenuItem("home", gettext_noop("Home"), "/home", "home"),
    MenuItem("purchases", gettext_noop("Purchases"), "/purchases", "shopping-bag"),
    MenuItem("payments", gettext_noop("Payments"), "/payments", "credit-card"),
    MenuItem("limit", gettext_noop("Limit"), "/limit", "chart-bar"),
    MenuItem("help", gettext_noop("Help"), "/help", "chat-bubble-left-right"),
)

MERCHANT = (
    MenuItem("overview", gettext_noop("Overview"), "/merchant/", "squares-2x2"),
    MenuItem("orders", gettext_noop("Orders"), "/merchant/orders", "shopping-bag"),
    MenuItem("refused", gettext_noop("Refused checkouts"), "/merchant/orders/refused", "no-symbol"),
    MenuItem("refunds", gettext_noop("Refunds"), "/merchant/refunds", "receipt-refund"),
    MenuItem("settlements", gettext_noop("Settlements"), "/merchant/settlements", "banknotes"),
    MenuItem("keys", gettext_noop("API keys"), "/merchant/keys", "key", group=gettext_noop("Developers"), needs="keys.write"),
    MenuItem("webhooks", gettext_noop("Webhooks"), "/merchant/webhooks", "bolt", group=gettext_noop("Developers"), needs="webhooks.write"),
    MenuItem("look", gettext_noop("Checkout look"), "/merchant/look", "swatch", group=gettext_noop("Settings"), needs="brand.write"),
    MenuItem("team", gettext_noop("Team"), "/merchant/team", "users", group=gettext_noop("Settings")),
)

MENUS = {"consumer": CONSUMER, "merchant": MERCHANT}
