"""Retention of every traffic table; a table comes before those that it refers to."""

from django.utils.translation import gettext_lazy as _

from accounts.retentions import RETENTIONS as OF_SIGNING_IN
from checkout.retentions import RETENTIONS as OF_CHECKOUTS
from collection.retentions import RETENTIONS as OF_THE_DESK
from controls.retentions import RETENTIONS as OF_THE_WORK_LIST
from core.retention import Retention, any_old
from core.retentions import RETENTIONS as OF_THE_KERNEL
from core.sentences import Text
from credit.retentions import RETENTIONS as OF_BANKS
from fraud.retentions import RETENTIONS as OF_FRAUD
from learning.retentions import RETENTIONS as OF_TABLES
from notifications.retentions import RETENTIONS as OF_NOTICES
from payments.retentions import RETENTIONS as OF_CARDS
from plans.retentions import RETENTIONS as OF_RELIEF
from webhooks.retentions import RETENTIONS as OF_WEBHOOKS

RETENTIONS: list[Retention] = [
    *OF_THE_KERNEL,
    *OF_THE_WORK_LIST,
    *OF_SIGNING_IN,
    *OF_BANKS,
    *OF_FRAUD,
    *OF_TABLES,
    *OF_CARDS,
    *OF_THE_DESK,
    *OF_RELIEF,
    *OF_CHECKOUTS,
    *OF_NOTICES,
    *OF_WEBHOOKS,
]


def old() -> str:
    """Return the SQL condition that any row may be deleted, by the present settings."""
    return any_old(RETENTIONS)


_MONEY = _("Money and the books")
_SALES = _("Sales, and what is owed")
_PEOPLE = _("People, decisions and letters")
_SHOPS = _("Shops and their settings")
_HOUSE = _("Settings, and who changed them")
_LOG = _("The audit log: who did what")
_UNWRITTEN = _("Not written: the log says it")

LASTING: dict[str, Text] = {
    **dict.fromkeys(("payments.Authorization", "payments.Charge", "payments.Refund", "payments.Payout"), _MONEY),
    **dict.fromkeys(("payments.Dispute", "payments.MovementEvent", "payments.Transfer"), _MONEY),
    **dict.fromkeys(("payments.Break", "ledger.Account", "ledger.Checkpoint", "ledger.Entry", "ledger.Line"), _MONEY),
    **dict.fromkeys(("ledger.DayFold", "ledger.DayTotal"), _MONEY),
    **dict.fromkeys(("merchants.Settlement", "merchants.SettlementItem", "reports.MerchantDay", "reports.ProductDay"), _MONEY),
    **dict.fromkeys(("reports.Margin", "reports.FunnelDay"), _MONEY),
    **dict.fromkeys(("reports.ProvisionMonth", "reports.ProvisionSegment", "reports.Provision", "reports.ProvisionPlan"), _MONEY),
    **dict.fromkeys(
        (
            "checkout.Order",
            "checkout.OrderChange",
            "checkout.OrderReview",
            "checkout.Capture",
            "checkout.ShownOffer",
            "checkout.ShopInterest",
            "checkout.Postponement",
        ),
        _SALES,
    ),
    **dict.fromkeys(
        ("checkout.Refund", "plans.Plan", "plans.PlanChange", "plans.Installment", "plans.Allocation", "plans.ChargeOff"), _SALES
    ),
    "accounts.Screened": _PEOPLE,
    "accounts.ScreeningList": _PEOPLE,
    **dict.fromkeys(("accounts.PublishedList", "accounts.ListedEntry"), _PEOPLE),
    "plans.Receipt": _SALES,
    "plans.AgencyPayment": _SALES,
    **dict.fromkeys(("collection.AgencyTerms", "collection.Commission", "collection.Remittance", "collection.RemittanceLine"), _MONEY),
    **dict.fromkeys(
        ("collection.Agency", "collection.AgencyKey", "collection.Placement", "collection.Release", "collection.AgencyHold"), _SALES
    ),
    **dict.fromkeys(("collection.AgencyContact", "collection.AgencyComplaint", "collection.Breach"), _PEOPLE),
    **dict.fromkeys(("plans.DebtSale", "plans.SoldPlan", "plans.BuyerPayment"), _MONEY),
    **dict.fromkeys(
        (
            "collection.ClosedDay",
            "collection.Arrears",
            "collection.Promise",
            "collection.PayLink",
            "collection.JointSettlement",
            "collection.Settlement",
            "plans.Forgiven",
        ),
        _SALES,
    ),
    **dict.fromkeys(("collection.Case", "collection.Call", "collection.Task", "collection.Complaint", "plans.Standstill"), _PEOPLE),
    **dict.fromkeys(("collection.Contact", "collection.ContactStop", "collection.Reminder", "collection.LateNotice"), _PEOPLE),
    **dict.fromkeys(("collection.LateNeed", "collection.CaseLetter"), _PEOPLE),
    "collection.RolledDay": _MONEY,
    **dict.fromkeys(("plans.Hardship", "plans.ReliefOffer", "plans.ReliefPaper", "plans.DisasterArea", "plans.AreaPause"), _SALES),
    "plans.GoodsReturn": _SALES,
    "plans.Fee": _SALES,
    "plans.FeePayment": _SALES,
    **dict.fromkeys(("plans.Reward", "plans.FeeCredit", "plans.FeeCreditUse"), _SALES),
    "plans.FreePayment": _SALES,
    "plans.Deposit": _SALES,
    "plans.DepositPayment": _SALES,
    **dict.fromkeys(("accounts.Consumer", "accounts.ConsumerChange", "accounts.ConsumerRequest", "accounts.Consent"), _PEOPLE),
    **dict.fromkeys(
        ("accounts.IdentityCheck", "accounts.IdentityProof", "accounts.OnboardingStep", "accounts.PersonKey", "core.SubjectKey"), _PEOPLE
    ),
    **dict.fromkeys(("accounts.ContactChange", "accounts.Device", "accounts.Login", "accounts.Passkey"), _PEOPLE),
    **dict.fromkeys(("accounts.Authenticator", "accounts.RecoveryCode"), _HOUSE),
    **dict.fromkeys(("accounts.NamePart", "accounts.Note", "accounts.Block", "accounts.ClassChange", "accounts.CustomerClass"), _PEOPLE),
    **dict.fromkeys(("credit.CreditLine", "credit.Decision", "credit.Inquiry", "credit.LimitChange", "credit.Referral"), _PEOPLE),
    **dict.fromkeys(("credit.LimitReview", "credit.ReviewPass"), _PEOPLE),
    **dict.fromkeys(("credit.Approval", "credit.Declaration"), _PEOPLE),
    **dict.fromkeys(("fraud.Assessment", "fraud.FraudCase", "fraud.Label", "fraud.ListEntry", "fraud.Ring", "fraud.Member"), _PEOPLE),
    "notifications.PaperLetter": _PEOPLE,
    **dict.fromkeys(("notifications.Message", "payments.PaymentMethod", "payments.GatewayCustomer"), _PEOPLE),
    **dict.fromkeys(("merchants.Merchant", "merchants.AccountChange", "merchants.ApiKey", "merchants.Invitation"), _SHOPS),
    **dict.fromkeys(("merchants.Membership", "webhooks.Endpoint", "webhooks.EventCounter"), _SHOPS),
    **dict.fromkeys(
        ("accounts.User", "accounts.UserChange", "accounts.User_groups", "accounts.User_user_permissions", "admin.LogEntry"), _HOUSE
    ),
    **dict.fromkeys(("auth.Group", "auth.Group_permissions", "auth.Permission", "contenttypes.ContentType"), _HOUSE),
    **dict.fromkeys(("controls.Absence", "controls.Route"), _HOUSE),
    **dict.fromkeys(("controls.Proposal", "core.ClockOffset", "core.ProviderAccount", "payments.EventReading", "plans.Product"), _HOUSE),
    **dict.fromkeys(
        ("controls.RuleVersion", "controls.RuleTrial", "controls.SettingChange", "brands.Brand", "brands.BrandChange"),
        _HOUSE,
    ),
    **dict.fromkeys(("learning.ModelVersion", "learning.RoleChange", "learning.Suggestion", "learning.WatchedDay"), _PEOPLE),
    "learning.Training": _PEOPLE,
    "fraud.LaunderingLook": _LOG,
    **dict.fromkeys(("controls.AuditRow", "controls.AuditSeal", "controls.AuditHead", "controls.AuditAnchor"), _LOG),
    **dict.fromkeys(("markets.Market", "markets.MarketSetting", "markets.ExchangeRate"), _HOUSE),
    **dict.fromkeys(("axes.AccessLog", "axes.AccessFailureLog", "axes.AccessAttemptExpiration"), _UNWRITTEN),
}
"""The tables whose rows are kept forever, by model, with a description of their rows."""
