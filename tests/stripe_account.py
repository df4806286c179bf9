"""The Stripe account of tests: the sandbox world speaks Stripe's protocol."""


def variables(sandbox_world: str, *, secret: str = "whsec_test") -> dict[str, str]:
    """Return the account's value in `PROVIDER_VALUES`."""
    return {"STRIPE_SECRET_KEY": "sk_test_sandbox", "STRIPE_WEBHOOK_SECRET": secret, "STRIPE_API_BASE": f"{sandbox_world}/stripe"}
