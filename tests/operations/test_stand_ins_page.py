"""An operator of a sandbox types in real providers, at the sandbox world that speaks their protocols."""

import pytest

from core import providers
from core.models import ProviderAccount
from tests.operators import make_boss

pytestmark = pytest.mark.django_db
LIST = "/admin/core/provideraccount/"


@pytest.fixture
def boss(client):
    client.force_login(make_boss("boss@kvart.example", "demo-password", name="Ada Admin"))
    return client


TYPED = {
    "experian": {"client_id": "me", "username": "me", "company_id": "C", "subscriber_code": "2", "client_secret": "", "password": "p"},
    "equifax": {"client_id": "me", "client_secret": "", "member_number": "9", "security_code": "s"},
    "transunion": {
        "client_id": "me", "client_secret": "", "industry_code": "F", "member_code": "0508", "prefix_code": "06TR", "member_password": "p",
    },
    "plaid": {"client_id": "me", "secret": "", "shown_name": "Kvart"},
    "tink": {"client_id": "me", "secret": ""},
}  # fmt: skip


@pytest.mark.parametrize("provider", TYPED)
def test_the_sandbox_s_address_of_a_provider_is_offered_and_answers_to_typed_keys(boss, sandbox_world, provider, settings):
    address = f"{LIST}add/?provider={provider}"
    shown = boss.get(address)
    assert "SANDBOX_KEY" in shown.content.decode()
    form = {name: field.value() for name, field in ((name, shown.context["form"][name]) for name in shown.context["form"].fields)}
    assert sum(str(value).startswith(sandbox_world) for value in form.values()) in {1, 2}
    typed = {f"value_{name}": value or settings.SANDBOX_KEY for name, value in TYPED[provider].items()}
    sent = {name: value for name, value in (form | typed).items() if value is not None} | {"active": "on"}
    wrong = boss.post(address, sent | {f"value_{'client_secret' if 'client_secret' in TYPED[provider] else 'secret'}": "other"})
    assert (wrong.status_code, ProviderAccount.objects.count()) == (200, 0)
    assert boss.post(address, sent).status_code == 302
    assert ProviderAccount.objects.get().provider == provider
    providers.connect(provider).health()
