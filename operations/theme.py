"""The setting of the back office's theme (django-unfold), with its menu."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from core.sentences import Text


def _title(request: HttpRequest) -> str:
    from brands.queries import house_name

    name = house_name()
    return gettext("%(brand)s back office") % {"brand": name} if name else gettext("Back office")


def _static(path: str) -> Callable[[HttpRequest], str]:
    def address(request: HttpRequest) -> str:
        from django.templatetags.static import static

        return static(path)

    return address


def _item(title: Text, icon: str, view: str) -> dict[str, Any]:
    app, _, model = view.partition("_")
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{view}_changelist"),
        "permission": lambda request: request.user.has_perm(f"{app}.view_{model}"),
    }


def _proofs() -> dict[str, Any]:
    may = {"permission": lambda request: request.user.has_perm("accounts.review_proof")}
    return _item(_("Identity pictures"), "badge", "accounts_identityproof") | may


def _in_ledger_accounts(request: HttpRequest) -> bool:
    """Return whether a page belongs to the menu item of ledger accounts; the trial balance, a URL below them, has its own item."""
    accounts, trial = reverse("admin:ledger_account_changelist"), reverse("admin:ledger_account_trial")
    return request.path.startswith(accounts) and not request.path.startswith(trial)


def _in_fraud_desk(request: HttpRequest) -> bool:
    """Return whether a page belongs to the menu item of the fraud desk; the risk of shops, a URL below it, has its own item."""
    desk, shops = reverse("admin:fraud_fraudcase_changelist"), reverse("admin:fraud_fraudcase_shops")
    return request.path.startswith(desk) and not request.path.startswith(shops)


def _in_markets(request: HttpRequest) -> bool:
    """Return whether a page belongs to the menu item of markets; the economic setting, a URL below them, has its own item."""
    markets, economy = reverse("admin:markets_market_changelist"), reverse("admin:markets_market_economy")
    return request.path.startswith(markets) and not request.path.startswith(economy)


def _may_see_proposals(request: HttpRequest) -> bool:
    from controls.queries import may_see_proposals

    user: Any = request.user
    return may_see_proposals(user)


def _may_see_rules(request: HttpRequest) -> bool:
    from controls.queries import may_see_rules

    user: Any = request.user
    return may_see_rules(user)


def _may_see_settings(request: HttpRequest) -> bool:
    from controls.queries import may_see_settings

    user: Any = request.user
    return may_see_settings(user)


def _settings() -> dict[str, Any]:
    return _item(_("Settings"), "tune", "controls_settingchange") | {"permission": _may_see_settings}


def _rules() -> dict[str, Any]:
    return _item(_("Rules"), "rule_settings", "controls_ruleversion") | {"permission": _may_see_rules}


def _may_see_absences(request: HttpRequest) -> bool:
    from controls.queries import may_see_absences

    user: Any = request.user
    return may_see_absences(user)


def _absences() -> dict[str, Any]:
    return _item(_("Who is away"), "beach_access", "controls_absence") | {"permission": _may_see_absences}


def _routes() -> dict[str, Any]:
    return _item(_("Who is told"), "alt_route", "controls_route") | {"permission": _may_see_absences}


def _fraud() -> dict[str, Any]:
    """Return the menu item of the fraud desk, which opens cases without a label."""
    link = format_lazy("{}?label=open", reverse_lazy("admin:fraud_fraudcase_changelist"))
    return _item(_("Fraud desk"), "policy_alert", "fraud_fraudcase") | {"link": link, "active": _in_fraud_desk}


def _may_see_risk(request: HttpRequest) -> bool:
    user: Any = request.user
    return bool(user.has_perm("fraud.view_shoprisk"))


def _risk_of_shops() -> dict[str, Any]:
    link = reverse_lazy("admin:fraud_fraudcase_shops")
    return {"title": _("Risk of shops"), "icon": "monitoring", "link": link, "permission": _may_see_risk}


def _proposals() -> dict[str, Any]:
    return _item(_("Proposals"), "how_to_vote", "controls_proposal") | {"permission": _may_see_proposals}


THEME = (
    gettext_noop("Add row"),
    gettext_noop("Apply Filters"),
    gettext_noop("Click to cancel"),
    gettext_noop("Click to download"),
    gettext_noop("Dark"),
    gettext_noop("Date from"),
    gettext_noop("Date to"),
    gettext_noop("Expand row"),
    gettext_noop("False"),
    gettext_noop("General"),
    gettext_noop("Go back"),
    gettext_noop("Light"),
    gettext_noop("Loading more results..."),
    gettext_noop("More actions"),
    gettext_noop("No data"),
    gettext_noop("No recent searches"),
    gettext_noop("No results found"),
    gettext_noop("No results matching your query"),
    gettext_noop("Previous"),
    gettext_noop("Recent searches"),
    gettext_noop("Record picture"),
    gettext_noop("Reset filters"),
    gettext_noop("Run"),
    gettext_noop("Select action to run"),
    gettext_noop("Select action"),
    gettext_noop("Select all rows"),
    gettext_noop("Select record"),
    gettext_noop("Submit"),
    gettext_noop("System"),
    gettext_noop("This item will be deleted."),
    gettext_noop("Toggle password visibility"),
    gettext_noop("True"),
    gettext_noop("Type to search"),
    gettext_noop("You have been successfully logged out from the administration"),
    gettext_noop("Forgotten your password or username?"),
    gettext_noop("Choose file to upload"),
    gettext_noop("Return to site"),
    gettext_noop("Welcome back to"),
)
"""The theme's own texts, listed for the catalogs, since the theme has no translations."""

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _title,
    "SITE_HEADER": _title,
    "SITE_ICON": _static("img/mark.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _static("img/mark.svg")}],
    "SHOW_LANGUAGES": True,
    "LANGUAGES": {"action": reverse_lazy("language")},
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "operations.site.work_list",
    "STYLES": [_static("css/admin.css")],
    "BORDER_RADIUS": "10px",
    "COLORS": {
        "base": {
            "50": "oklch(.985 .004 95)",
            "100": "oklch(.965 .005 265)",
            "200": "oklch(.915 .006 265)",
            "300": "oklch(.86 .01 265)",
            "400": "oklch(.7 .015 265)",
            "500": "oklch(.48 .02 265)",
            "600": "oklch(.4 .02 265)",
            "700": "oklch(.32 .02 265)",
            "800": "oklch(.27 .02 265)",
            "900": "oklch(.225 .018 265)",
            "950": "oklch(.18 .015 265)",
        },
        "primary": {
            "50": "oklch(.97 .02 162)",
            "100": "oklch(.958 .028 162)",
            "200": "oklch(.9 .05 162)",
            "300": "oklch(.82 .09 162)",
            "400": "oklch(.74 .12 162)",
            "500": "oklch(.6 .12 162)",
            "600": "oklch(.43 .095 162)",
            "700": "oklch(.38 .085 162)",
            "800": "oklch(.33 .07 162)",
            "900": "oklch(.29 .045 162)",
            "950": "oklch(.22 .035 162)",
        },
    },
    "ACCOUNT": {"navigation": [{"title": _("Second factor"), "link": reverse_lazy("staff_factor")}]},
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": [
            {
                "title": _("Work"),
                "items": [
                    {"title": _("Work list"), "icon": "checklist", "link": reverse_lazy("admin:index")},
                    _item(_("Held orders"), "front_hand", "checkout_orderreview"),
                    _fraud(),
                    _risk_of_shops(),
                    _item(_("Money laundering"), "local_laundry_service", "fraud_launderingalert"),
                    _item(_("Matches with lists"), "person_search", "accounts_screeningmatch"),
                    _item(_("Lists of sanctions"), "format_list_bulleted", "accounts_publishedlist"),
                    _proofs(),
                    _item(_("Requests"), "contact_support", "accounts_consumerrequest"),
                    _item(_("Breaks"), "report", "payments_break"),
                    _proposals(),
                    _absences(),
                    _routes(),
                ],
            },
            {
                "title": _("People and orders"),
                "items": [
                    _item(_("Consumers"), "person", "accounts_consumer"),
                    _item(_("Decisions"), "rule", "credit_decision"),
                    _item(_("Checkout funnel"), "filter_alt", "reports_funnelday"),
                    _item(_("Orders"), "shopping_bag", "checkout_order"),
                    _item(_("Plans"), "event_repeat", "plans_plan"),
                    _item(_("Merchants"), "storefront", "merchants_merchant"),
                ],
            },
            {
                "title": _("Money"),
                "items": [
                    _item(_("Margins"), "percent", "reports_margin"),
                    _item(_("Charges"), "credit_card", "payments_charge"),
                    _item(_("Refunds"), "undo", "payments_refund"),
                    _item(_("Disputes"), "gavel", "payments_dispute"),
                    _item(_("Settlements"), "account_balance", "merchants_settlement"),
                    _item(_("Payouts"), "outbox", "payments_payout"),
                    _item(_("Holds on cards"), "lock_clock", "payments_authorization"),
                    _item(_("Charge-offs"), "money_off", "plans_chargeoff"),
                    _item(_("Disaster areas"), "flood", "plans_disasterarea"),
                    _item(_("Agencies"), "handshake", "collection_agency"),
                    _item(_("Sales of debts"), "sell", "plans_debtsale"),
                    _item(_("Late people"), "support_agent", "collection_case"),
                    _item(_("Arrears"), "trending_down", "collection_rolledday"),
                    _item(_("Provisions"), "savings", "reports_provisionmonth"),
                    _item(_("Closed days"), "event_available", "collection_closedday"),
                    _item(_("Ledger entries"), "menu_book", "ledger_entry"),
                    _item(_("Ledger accounts"), "balance", "ledger_account") | {"active": _in_ledger_accounts},
                    _item(_("Trial balance"), "equal", "ledger_account") | {"link": reverse_lazy("admin:ledger_account_trial")},
                ],
            },
            {
                "title": _("Setup"),
                "items": [
                    _rules(),
                    _settings(),
                    _item(_("Customer classes"), "group", "accounts_customerclass"),
                    _item(_("Products"), "inventory_2", "plans_product"),
                    _item(_("Markets"), "public", "markets_market") | {"active": _in_markets},
                    _item(_("Economic setting"), "speed", "markets_market") | {"link": reverse_lazy("admin:markets_market_economy")},
                    _item(_("Brands"), "palette", "brands_brand"),
                    _item(_("Users"), "badge", "accounts_user"),
                    _item(_("Providers"), "hub", "core_provideraccount"),
                    _item(_("Undelivered events"), "sms_failed", "core_delivery"),
                    _item(_("Sizes"), "database", "core_tableday"),
                    _item(_("Audit log"), "receipt_long", "controls_auditrow"),
                ],
            },
        ],
    },
}
