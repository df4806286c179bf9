"""Tables that the audit log does not record, with the reasons (`bnpl.audited`)."""

_TOLD = "Each act on it is an event, or a row of its history, and told by that."
_NO_ACT = "It says nothing of an act: a count, an index, a state of the machinery."
_SOURCE = "What a source publishes; its rows only grow."
UNAUDITED: dict[str, str] = {
    "credit.LimitReview": "Why the daily review moved a limit, with all that it used; the move is in the log.",
    "credit.ReviewPass": "How far the daily review of limits has come.",
    **dict.fromkeys(
        ("accounts.Consumer", "accounts.ConsumerRequest", "accounts.User_groups", "accounts.User_user_permissions", "brands.Brand"), _TOLD
    ),
    **dict.fromkeys(
        ("checkout.Checkout", "checkout.Order", "checkout.OrderChange", "checkout.Capture", "checkout.Refund", "checkout.ShopInterest"),
        _TOLD,
    ),
    "checkout.Postponement": _TOLD,
    "checkout.ShownOffer": "What the machine showed on a page of plans; what the person agreed to is told by the order.",
    **dict.fromkeys(("credit.Referral", "markets.Market"), _TOLD),
    **dict.fromkeys(("merchants.Merchant", "merchants.Membership", "merchants.Invitation", "merchants.ApiKey"), _TOLD),
    **dict.fromkeys(("merchants.Settlement", "merchants.SettlementItem"), _TOLD),
    **dict.fromkeys(("plans.Plan", "plans.Installment", "plans.Allocation", "plans.Fee", "plans.FeePayment"), _TOLD),
    **dict.fromkeys(("plans.FreePayment", "plans.Hardship", "plans.ReliefOffer", "plans.ReliefPaper", "plans.Budget"), _TOLD),
    **dict.fromkeys(("plans.Reward", "plans.FeeCredit", "plans.FeeCreditUse"), _TOLD),
    **dict.fromkeys(("plans.DisasterArea", "plans.AreaPause", "plans.GoodsReturn"), _TOLD),
    **dict.fromkeys(("plans.Deposit", "plans.DepositPayment"), _TOLD),
    "plans.Forgiven": "What fell away of a plan; its settlement tells it.",
    "plans.SoldPlan": "A plan on the list of a sale, which is in the log; what came of it is told by the sale and by proposals.",
    **dict.fromkeys(("payments.Charge", "payments.Authorization", "payments.Dispute"), _TOLD),
    "accounts.SupportFlag": "The consent without which it is not kept is in the log, and so is that it was taken back.",
    "accounts.Screened": "When each person was screened last; what was found is told by its match.",
    "accounts.Screening": "Questions whether people are on lists, by the machine; what was found is told by its match.",
    "accounts.ScreeningList": "Which version of its lists a company had, as the machine saw it.",
    **dict.fromkeys(("accounts.PublishedList", "accounts.ListedEntry"), "What authorities publish, in versions of its own."),
    "accounts.PersonKey": "That two accounts are one person's is told by ConsumerChange.",
    "accounts.ContactChange": _TOLD,
    **dict.fromkeys(("accounts.Authenticator", "accounts.Device", "accounts.Login", "accounts.Passkey", "accounts.RecoveryCode"), _TOLD),
    "accounts.PasskeyUse": "What a passkey answered, which is forgotten soon; that somebody signed in is told by the act.",
    "accounts.IdentityPicture": "Its proof is told, and who saw it.",
    "accounts.SignInCode": "One-time codes, which are forgotten soon; what somebody then does is told.",
    **dict.fromkeys(("accounts.OnboardingStep", "accounts.NamePart", "checkout.Journey"), _NO_ACT),
    **dict.fromkeys(("controls.AuditRow", "controls.AuditSeal", "controls.AuditHead", "controls.AuditAnchor"), "It is the log."),
    **dict.fromkeys(
        ("core.ClockOffset", "core.Delivery", "core.IdempotentAnswer", "core.ProviderCalls", "core.TableDay", "credit.BankCall"), _NO_ACT
    ),
    "controls.EvidenceFile": "Its proposal names it by its hash, and is told by its event.",
    "controls.RuleCase": "What rules were asked, by the machine; what came of it is told by its order.",
    "controls.RuleTrial": "A trial of rules on the past has no effect.",
    "learning.Suggestion": "A training by the machine; its version is in the log, and what people made of it is a proposal.",
    "learning.TablePart": "A part of an uploaded table, deleted after its training; the training is in the log, with the table's hash.",
    "learning.WatchedDay": "What the machine measured of a model each day; who has seen its alarm stands in the row.",
    "fraud.AccountAct": "What was seen at a sign-in or a change, which is forgotten; the change itself is told by its event.",
    "fraud.FraudCase": "What needs eyes, by its assessment; what somebody says of it is told by its label.",
    "fraud.Sighting": "What was seen at an attempt to buy, which is forgotten; what was said of it is told.",
    **dict.fromkeys(("fraud.Link", "fraud.Hub", "fraud.Ring", "fraud.Member"), "Kept up by the machine from sightings, and forgotten."),
    "markets.ExchangeRate": _SOURCE,
    **dict.fromkeys(("payments.GatewayEvent", "payments.EventReading", "payments.GatewayCustomer", "payments.CardSetup"), _NO_ACT),
    "payments.CardTry": "Tries of cards, which are forgotten soon.",
}
"""The models of people, shops, sales, plans, decisions, money and controls that are not in the log, with the reasons."""
