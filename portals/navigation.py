"""The menus of the two portals, as data: one line an item, in the order they are shown."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry of a menu; `key` is what a page names as `nav`, `group` starts a headed section."""

    key: str
    label: str
    path: str
    icon: str
    group: str = ""
    on_phone: bool = True


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
    MenuItem("settlements", "Settlements", "/merchant/settlements", "banknotes"),
    MenuItem("keys", "API keys", "/merchant/keys", "key", group="Developers"),
    MenuItem("webhooks", "Webhooks", "/merchant/webhooks", "bolt", group="Developers"),
    MenuItem("look", "Checkout look", "/merchant/look", "swatch", group="Settings"),
    MenuItem("team", "Team", "/merchant/team", "users", group="Settings"),
)

MENUS = {"consumer": CONSUMER, "merchant": MERCHANT}
