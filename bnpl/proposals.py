"""All kinds of proposals, by import path: the changes that need two people."""

KINDS: list[str] = [
    "accounts.proposals.Access",
    "brands.proposals.Entity",
    "checkout.overruling.Overruled",
    "checkout.proposals.LargeRefund",
    "collection.proposals.GivingUp",
    "collection.receipts.MoneyReceived",
    "collection.receipts.ReceiptUndone",
    "controls.proposals.Rules",
    "controls.proposals.SettingValue",
    "controls.provider_keys.ProviderKeys",
    "credit.proposals.Limit",
    "credit.proposals.OrderLimit",
    "fraud.proposals.WideEntry",
    "merchants.proposals.Terms",
    "merchants.proposals.BankAccount",
    "merchants.proposals.Reopening",
    "operations.scoring.proposals.ModelRole",
    "payments.proposals.Closing",
    "plans.proposals.Offer",
    "plans.proposals.Setting",
]
