"""The environment: every variable that the product reads, in one place, with its default.

Values come from the process environment; a missing one is taken from `$BNPL_VAR/stack.env`, which
the embedded stack writes, so that every command finds the running database by itself.
"""

import os
from pathlib import Path
from typing import NoReturn
from urllib.parse import unquote, urlsplit

from stack.paths import OWNER, ROOT, stack_values, var_dir

__all__ = ["KNOWN", "OWNER", "ROOT", "flag", "get", "in_file", "mail_server", "number", "stack_values", "stop", "var_dir"]

KNOWN: dict[str, str] = {
    "BNPL_VAR": "var",
    "BNPL_MODE": "sandbox",
    "BNPL_REHEARSAL": "",
    "BNPL_TESTING": "",
    "BNPL_TEST_TEMPLATE": "",
    "BNPL_SECRET_KEY": "",
    "BNPL_SECRET_KEYS_BEFORE": "",
    "BNPL_FIELD_KEYS": "",
    "BNPL_LOOKUP_KEYS": "",
    "BNPL_BASE_URL": "http://localhost:8000",
    "BNPL_ALLOWED_HOSTS": "",
    "BNPL_TRUSTED_PROXIES": "",
    "BNPL_SHOP_URL": "http://localhost:8001",
    "BNPL_GATEWAY": "sandbox",
    "BNPL_PULLS": "",
    "BNPL_VERIFICATION": "sandbox",
    "BNPL_SMS": "sandbox",
    "BNPL_IDENTITY": "sandbox",
    "BNPL_BUREAU": "sandbox",
    "BNPL_CALLS_IN_FLIGHT": "16",
    "BNPL_EVENTS_OVERLAP_MINUTES": "15",
    "BNPL_UNANSWERED_HOURS": "24",
    "BNPL_AUDITORS": "",
    "BNPL_AGENCY_FILES": "",
    "BNPL_LISTS": "",
    "BNPL_NETWORKS_CSV": "",
    "BNPL_GEOIP_MMDB": "",
    "BNPL_API_CALLS_PER_MINUTE": "60000",
    "BNPL_KEEP_EVENTS_DAYS": "90",
    "BNPL_KEEP_WEBHOOKS_DAYS": "180",
    "BNPL_KEEP_GATEWAY_EVENTS_DAYS": "400",
    "BNPL_KEEP_ANSWERS_DAYS": "30",
    "BNPL_KEEP_SESSIONS_DAYS": "1",
    "BNPL_KEEP_CODES_DAYS": "30",
    "BNPL_KEEP_JOURNEYS_DAYS": "100",
    "BNPL_KEEP_SIGN_INS_DAYS": "30",
    "BNPL_KEEP_LOOKS_DAYS": "1095",
    "BNPL_KEEP_CARD_TRIES_DAYS": "30",
    "BNPL_KEEP_CARD_VISITS_DAYS": "90",
    "BNPL_KEEP_CALLS_DAYS": "90",
    "BNPL_KEEP_SIZES_DAYS": "400",
    "BNPL_KEEP_TASKS_DAYS": "90",
    "BNPL_KEEP_CASES_DAYS": "400",
    "BNPL_KEEP_CHECKOUTS_DAYS": "180",
    "BNPL_KEEP_NOTICES_DAYS": "0",
    "BNPL_KEEP_EVIDENCE_DAYS": "1827",
    "BNPL_KEEP_SIGHTINGS_DAYS": "400",
    "BNPL_KEEP_TRACES_DAYS": "730",
    "BNPL_KEEP_LAUNDERING_DAYS": "1827",
    "BNPL_KEEP_LINKS_DAYS": "730",
    "BNPL_KEEP_BANKS_DAYS": "365",
    "BNPL_KEEP_BANK_CALLS_DAYS": "800",
    "BNPL_KEEP_TABLES_DAYS": "7",
    "BNPL_KEEP_BUDGETS_DAYS": "730",
    "BNPL_KEEP_PROOFS_DAYS": "90",
    "BNPL_KEEP_SUPPORT_DAYS": "30",
    "BNPL_NO_VENV": "",
    "SANDBOX_URL": "http://127.0.0.1:8002",
    "SANDBOX_PUBLIC_URL": "",
    "SANDBOX_KEY": "sandbox_gateway_key",
    "SANDBOX_EVENTS_SECRET": "whsec_c2FuZGJveF9ldmVudHNfc2VjcmV0XzAwMDE=",
    "DATABASE_URL": "",
    OWNER: "",
    "REDIS_URL": "redis://127.0.0.1:8003/0",
    "STRIPE_SECRET_KEY": "",
    "STRIPE_WEBHOOK_SECRET": "",
    "STRIPE_API_BASE": "https://api.stripe.com",
    "TWILIO_ACCOUNT_SID": "",
    "TWILIO_AUTH_TOKEN": "",
    "TWILIO_VERIFY_SERVICE": "",
    "TWILIO_FROM": "",
    "TWILIO_API_BASE": "",
    "IDENTITY_URL": "",
    "IDENTITY_KEY": "",
    "IDENTITY_COUNTRIES": "",
    "BUREAU_URL": "",
    "BUREAU_KEY": "",
    "BUREAU_COUNTRIES": "",
    "BUREAU_NAME": "",
    "BUREAU_ADDRESS": "",
    "BUREAU_PHONE": "",
    "BUREAU_LOWEST_SCORE": "300",
    "BUREAU_HIGHEST_SCORE": "850",
    "EMAIL_URL": "",
    "EMAIL_FROM": "no-reply@kvart.example",
    "BACK_OFFICE_NAME": "",
    "BRAND_NAME": "kvart",
    "BRAND_LEGAL_NAME": "Kvart Finance Inc.",
    "BRAND_ADDRESS": "4 Example Square, Exampleville, EX 00000",
    "BRAND_COLOR": "",
    "BRAND_SUPPORT_EMAIL": "help@kvart.example",
    "BRAND_SUPERVISION": "",
}

PUBLISHED = frozenset({KNOWN["SANDBOX_KEY"], KNOWN["SANDBOX_EVENTS_SECRET"], "sandbox_twilio_token", "sk_test_sandbox"})
"""Secrets published in this source: allowed in a sandbox and in a rehearsal, refused in live mode."""
SECRETS = ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "TWILIO_AUTH_TOKEN", "IDENTITY_KEY", "BUREAU_KEY")
"""Variables with a provider's secret."""


def get(name: str) -> str:
    """Return the value of a known variable, or its default; KeyError for an unknown one.

    `NAME_FILE` names a file with the value, as secret stores provide it. If the file cannot be read, the process ends.
    """
    return os.environ.get(name) or in_file(name) or stack_values().get(name) or KNOWN[name]


def in_file(variable: str) -> str:
    """Return the text of the file that `NAME_FILE` names; empty if none is named. If it cannot be read, the process ends."""
    name = f"{variable}_FILE"
    path = os.environ.get(name)
    try:
        return Path(path).read_text().strip() if path else ""
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", "it is no text")
        stop(name, f"cannot be read ({why}): {path}", "Name a file that this user may read.")


def number(name: str, *, least: int = 1) -> int:
    """Return the value of a variable as a whole number of at least `least`; with any other value, the process ends."""
    text = get(name)
    if not (text.isascii() and text.isdigit() and int(text) >= least):
        stop(name, f"is {text!r}.", f"Set it to a whole number, {least} or more.")
    return int(text)


def stop(name: str, what: str, what_to_do: str) -> NoReturn:
    """End this process because of a variable that the settings themselves need; all other faults are found by checks."""
    raise SystemExit(f"This installation does not start:\n  {name} {what}\n      {what_to_do}")


def flag(name: str) -> bool:
    """Return whether a variable is switched on (1, true, yes, on)."""
    return get(name).lower() in {"1", "true", "yes", "on"}


def mail_server(url: str) -> dict[str, str]:
    """Parse a mail server's URL into the settings of the mail provider.

    `smtp://user:password@host:587` means STARTTLS if there is a user, `smtps://user:password@host:465` TLS from the first byte. ValueError
    if the port is not a number.
    """
    parts = urlsplit(url)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    security = "tls" if parts.scheme == "smtps" else "starttls" if user else "none"
    port = parts.port or {"tls": 465, "starttls": 587, "none": 25}[security]
    values = {"HOST": parts.hostname or "", "PORT": str(port), "USER": user, "PASSWORD": password, "SECURITY": security}
    return {f"MAIL_{name}": value for name, value in values.items()}
