"""The menus of the two portals, as data: one line for each item, in the order shown."""

from dataclasses import dataclass


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
    MenuItem("home", "Home", "/home", "home"),
    MenuItem("purchases", "Purchases", "/purchases", "shopping-bag"),
    MenuItem("payments", "Payments", "/payments", "credit-card"),
    MenuItem("limit", "Limit", "/limit", "chart-bar"),
    MenuItem("help", "Help", "/help", "chat-bubble-left-right"),
)

MERCHANT = (
    MenuItem("overview", "Overview", "/merchant/", "squares-2x2"),
    MenuItem("orders", "Orders", "/merchant/orders", "shopping-bag"),
    MenuItem("refunds", "Refunds", "/merchant/refunds", "receipt-refund"),
    MenuItem("settlements", "Settlements", "/merchant/settlements", "banknotes"),
    MenuItem("keys", "API keys", "/merchant/keys", "key", group="Developers", needs="keys.write"),
    MenuItem("webhooks", "Webhooks", "/merchant/webhooks", "bolt", group="Developers", needs="webhooks.write"),
    MenuItem("look", "Checkout look", "/merchant/look", "swatch", group="Settings", needs="brand.write"),
    MenuItem("team", "Team", "/merchant/team", "users", group="Settings"),
)

MENUS = {"consumer": CONSUMER, "merchant": MERCHANT}
