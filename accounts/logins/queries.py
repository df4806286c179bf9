"""Which companies sign a consumer in."""

from typing import Any

from accounts.logins.models import Login
from accounts.models import Consumer
from core import providers
from core.providers import Account, Capability


def list_logins(consumer: Consumer) -> list[Login]:
    """Return the accounts that sign a consumer in, the oldest first."""
    return list(Login.objects.filter(consumer=consumer).order_by("id"))


def lock_login(**named: Any) -> Login | None:
    """Lock an account that signs somebody in, with its consumer; None if there is none."""
    return Login.objects.select_related("consumer__market").select_for_update(of=("self",)).filter(**named).first()


def list_companies(brand: str) -> list[tuple[Account, str]]:
    """Return the accounts by which people of a brand can sign in, each with the name of the company; one a company, no query."""
    found: dict[str, Account] = {}
    for account in providers.choose(Capability.SIGN_IN, brand=brand):
        found.setdefault(company_of(account), account)
    return [(account, str(providers.get_provider(account.provider).name)) for account in found.values()]


def company_of(account: Account) -> str:
    """Return the kind of company of an account, the same in the sandbox."""
    return account.provider.removeprefix("sandbox-")


def name_of(company: str) -> str:
    """Return the name of a company by its kind."""
    return {"google": "Google", "apple": "Apple", "facebook": "Facebook"}.get(company, company.title())
