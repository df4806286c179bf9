"""All kinds of rules, by import path."""

KINDS: list[str] = [
    "checkout.ruling.OrderRules",
    "checkout.offers.OfferRules",
    "checkout.ruling.ApplicationRules",
    "checkout.ruling.DecisionRules",
    "checkout.ruling.ApprovalRules",
    "checkout.fees.FeeRules",
    "plans.fee_rules.PersonFeeRules",
    "plans.reward_rules.EarlyRewardRules",
    "collection.behaving.BehaviorRules",
    "checkout.classing.CustomerRules",
    "checkout.ruling.PurchaseRules",
    "payments.ruling.RouteRules",
    "collection.agency_rules.AgencyRules",
    "fraud.laundering.ruling.LaunderingRules",
]
