"""The account with Stripe of tests: the sandbox world speaks its protocol."""


def variables(sandbox_world: str, *, secret: str = "whsec_test") -> dict[str, str]:
    """Return what `PROVIDER_VALUES` says of it."""
    return {"STRIPE_SECRET_KEY": "sk_test_sandbox", "STRIPE_WEBHOOK_SECRET": secret, "STRIPE_API_BASE": f"{sandbox_world}/stripe"}
