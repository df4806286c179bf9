"""The roles of operators: built-in groups, each with only the permissions that its work needs."""

from django.utils.translation import gettext, gettext_noop

LOOK = (
    *("accounts.view_consumer", "checkout.view_order", "checkout.view_checkout", "checkout.view_orderreview", "plans.view_plan"),
    *("plans.view_product", "markets.view_market", "merchants.view_merchant", "controls.view_proposal"),
    "brands.view_brand",
)
MONEY = (
    *("payments.view_charge", "payments.view_refund", "payments.view_break", "merchants.view_settlement", "ledger.view_entry"),
    *(
        "ledger.view_account",
        "plans.view_chargeoff",
        "plans.view_debtsale",
        "collection.view_agency",
        "payments.view_payout",
        "payments.view_dispute",
        "payments.view_authorization",
    ),
    "collection.view_closedday",
)
ROLES: dict[str, tuple[str, ...]] = {
    gettext_noop("Viewer"): LOOK,
    gettext_noop("Operator"): (
        *LOOK,
        *("checkout.prepare_review", "accounts.view_consumerrequest", "accounts.answer_request", "payments.view_break"),
        *("controls.propose_shop", "core.view_delivery", "core.change_delivery", "credit.view_decision", "payments.view_charge"),
        *("accounts.view_person", "accounts.look_after_person", "notifications.resend_message", "checkout.act_for_shop"),
        "notifications.post_letter",
        "accounts.review_proof",
        *("controls.propose_limit", "controls.propose_refund", "credit.view_creditline", "payments.view_cardtry"),
        "plans.view_disasterarea",
        "accounts.note_support",
        *("collection.note_promise", "collection.view_case", "collection.work_case", "plans.propose_standstill", "plans.waive_fees"),
        "plans.rearrange_plan",
    ),
    gettext_noop("Approver"): (
        *(*LOOK, "checkout.decide_review", "controls.approve_shop", "controls.approve_offer", "plans.confirm_chargeoff"),
        *(
            "plans.confirm_standstill",
            "collection.view_case",
            "collection.answer_complaint",
            "collection.approve_settlement",
            "plans.view_debtsale",
            "plans.view_disasterarea",
            "plans.confirm_debtsale",
            "collection.view_agency",
            "collection.confirm_agencymoney",
            "collection.restart_agency",
        ),
        *("accounts.view_person", "controls.approve_limit", "credit.view_decision", "controls.approve_brand"),
        *("controls.approve_rules", "controls.view_ruleversion", "controls.approve_movement", "controls.approve_refund"),
        "controls.approve_keys",
        *("payments.view_charge", "payments.view_refund", "payments.view_payout", "payments.view_authorization"),
        *("controls.approve_setting", "controls.view_settingchange", "fraud.put_label", "fraud.view_fraudcase"),
        *("controls.approve_list", "fraud.view_listentry"),
    ),
    gettext_noop("Finance"): (
        *(*LOOK, *MONEY, "payments.handle_break", "plans.propose_chargeoff", "controls.propose_offer"),
        *("controls.propose_movement", "plans.propose_debtsale", "collection.manage_agency"),
        *("reports.view_margin", "reports.view_provisionmonth", "collection.view_rolledday"),
    ),
    gettext_noop("Lead"): (
        *LOOK,
        *MONEY,
        *("merchants.add_merchant", "reports.view_funnelday"),
        *("brands.add_brand", "brands.change_brand", "controls.propose_brand"),
        *("controls.assign_task", "controls.view_assignment", "brands.view_brandchange", "controls.approve_access"),
        "accounts.view_consumerrequest",
        "core.view_delivery",
        "accounts.view_person",
        "accounts.view_look",
    ),
    gettext_noop("Risk"): (
        *(*LOOK, "controls.propose_rules", "controls.view_ruleversion", "credit.view_decision", "accounts.view_person"),
        *("reports.view_margin", "reports.view_funnelday", "collection.view_rolledday"),
        *("accounts.pin_class", "accounts.view_customerclass", "accounts.add_customerclass", "fraud.view_fraudcase"),
        "fraud.view_shoprisk",
    ),
    gettext_noop("Fraud analyst"): (
        *(*LOOK, "fraud.view_fraudcase", "fraud.put_label", "checkout.prepare_review", "accounts.view_person"),
        *("controls.view_ruleversion", "credit.view_decision", "payments.view_dispute"),
        *("fraud.view_listentry", "fraud.add_listentry", "controls.propose_list", "fraud.view_shoprisk"),
    ),
    gettext_noop("Money laundering officer"): (
        *(
            "fraud.view_launderingalert",
            "accounts.view_screeningmatch",
            "accounts.view_publishedlist",
            "fraud.handle_laundering",
            "controls.propose_rules",
            "controls.view_ruleversion",
        ),
    ),
    gettext_noop("Money laundering auditor"): ("controls.view_auditrow", "fraud.audit_laundering"),
    gettext_noop("Administrator"): (
        *("accounts.view_user", "accounts.add_user", "accounts.change_user", "auth.view_group", "core.view_provideraccount"),
        *("core.add_provideraccount", "core.change_provideraccount", "core.view_delivery", "core.change_delivery"),
        *("core.view_tableday", "controls.propose_access", "controls.propose_keys", "collection.view_closedday"),
        *("controls.view_settingchange", "controls.change_setting", "controls.propose_setting"),
    ),
    gettext_noop("Auditor"): (
        *LOOK,
        "controls.view_auditrow",
        "controls.view_settingchange",
        "accounts.view_look",
        "accounts.view_user",
        "brands.view_brandchange",
    ),
}
"""The permissions of each role; no single role can both propose and decide."""


def roles_with(permission: str) -> list[str]:
    """Return the names of the built-in roles that hold a permission, in the reader's language."""
    return [gettext(role) for role, permissions in ROLES.items() if permission in permissions]
