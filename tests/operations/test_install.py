"""An installation is made by two commands: each says what it did, and changes nothing where something is wrong."""

from io import StringIO

import pytest
from django.core.checks import Error
from django.core.management import CommandError, call_command

from accounts.models import User
from core import providers, relay
from core.providers import Capability
from markets.models import Market, MarketSetting
from merchants.models import Invitation, Membership, Merchant
from notifications.models import Message
from tests.cast import merchant  # noqa: F401  (a fixture)
from tests.live import outside

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox_world")]
SHOP = {
    "name": "Lamp House",
    "legal_name": "Lamp House LLC",
    "market": "US",
    "payout_destination": "acct_1",
    "owner_email": "owner@lamps.example",
    "origin": ["https://lamps.example"],
}


@pytest.fixture(autouse=True)
def no_migration(monkeypatch):
    """Tables are those of the tests."""
    ran = []
    monkeypatch.setattr("operations.management.commands.install.call_command", lambda name, **_: ran.append((name, User.objects.count())))
    return ran


def install(**options):
    out = StringIO()
    call_command("install", stdout=out, **options)
    return out.getvalue()


def test_it_is_made_ready_and_says_so(no_migration):
    told = install(operator_email="Ada@Bank.example", operator_name="Ada Berg")
    assert no_migration == [("migrate", 0)]
    user = User.objects.get()
    assert (user.email, user.name, user.is_staff, user.is_superuser, user.has_usable_password()) == (
        "ada@bank.example",
        "Ada Berg",
        True,
        True,
        False,
    )
    relay.drain()
    assert Message.objects.filter(user=user, kind="operator_invited").count() == 1
    for text in (
        "Cards                        sandbox answers, after",
        "One-time codes               sandbox-codes answers",
        "Shops                        none yet",
        "Ready.",
    ):
        assert text in told
    assert "Ready, but" not in told


def test_again_it_changes_nothing_and_invites_nobody(no_migration):
    install(operator_email="ada@bank.example")
    counts = Market.objects.count(), MarketSetting.objects.count()
    assert "one, and a second decides who else works here" in install()
    install(operator_email="eve@bank.example")
    told = install(operator_email="third@bank.example")
    assert "there are two who may do all" in told
    assert (User.objects.count(), Market.objects.count(), MarketSetting.objects.count()) == (2, *counts)


def test_without_an_operator_it_says_how(no_migration):
    assert "none yet: run this again with --operator-email" in install()
    assert User.objects.count() == 0


@pytest.mark.parametrize("email", ["nobody", "ada@@bank.example"])
def test_a_wrong_address_is_named(no_migration, email):
    with pytest.raises(CommandError, match="--operator-email"):
        install(operator_email=email)
    assert User.objects.count() == 0


def test_a_provider_that_does_not_answer_is_named(no_migration, settings):
    settings.IDENTITY = "http"
    settings.PROVIDER_VALUES = settings.PROVIDER_VALUES | {"IDENTITY_URL": "http://127.0.0.1:9", "IDENTITY_KEY": "k"}
    told = install(operator_email="ada@bank.example")
    assert "Identity checks              http-identity does not work: ProviderUnavailable" in told
    assert "Ready, but for 1 of the providers above." in told


@pytest.fixture
def outside_identity(settings, monkeypatch):
    """Give an installation whose variables name an identity service that says to serve two countries."""
    monkeypatch.setattr(outside.Services, "countries", ["SE", "DK"])
    url = {"IDENTITY_URL": f"http://127.0.0.1:{outside.services()}", "IDENTITY_KEY": "outside-key"}

    def named(countries: str) -> None:
        settings.IDENTITY = "http"
        settings.PROVIDER_VALUES = settings.PROVIDER_VALUES | url | {"IDENTITY_COUNTRIES": countries}

    providers.forget()
    yield named
    providers.forget()


def test_who_serves_less_than_all_is_named_with_what_to_set(no_migration, outside_identity):
    outside_identity("")
    told = install(operator_email="ada@bank.example")
    assert 'http-identity says that it serves DK SE only, and is asked elsewhere: set IDENTITY_COUNTRIES="DK SE"' in told
    assert "Ready, but for 1 of the providers above." in told


def test_a_service_of_the_variables_is_asked_where_they_say_alone(no_migration, outside_identity, merchant):  # noqa: F811
    outside_identity("DK")
    assert [one.code for one in providers.choose(Capability.IDENTITY, market="DK")] == ["http-identity"]
    assert providers.choose(Capability.IDENTITY, market="US") == []
    told = install(operator_email="ada@bank.example")
    assert "is asked elsewhere" not in told
    assert "Identity checks: nobody is asked in US (USD)" in told


def test_without_debits_of_bank_accounts_nothing_is_missing(no_migration, settings):
    settings.PULLS = ""
    told = install(operator_email="ada@bank.example")
    assert "Debits of bank accounts      nobody is asked: people pay by card only" in told
    assert told.endswith("\nReady. Start web, workers and beat.\n")


def test_an_installation_that_is_not_fit_is_left_alone(no_migration, monkeypatch):
    fault = Error("BNPL_FIELD_KEYS is not set.", hint="Set it to k1:KEY", id="bnpl.E012")
    monkeypatch.setattr("operations.management.commands.install.run_checks", lambda tags: [fault])
    with pytest.raises(CommandError, match=r"(?s)Nothing was done. 1 to mend first:.*bnpl.E012: BNPL_FIELD_KEYS is not set."):
        install(operator_email="ada@bank.example")
    assert (no_migration, User.objects.count()) == ([], 0)


def test_a_shop_is_opened_and_its_owner_invited():
    out = StringIO()
    call_command("open_shop", stdout=out, **SHOP)
    shop = Merchant.objects.get()
    assert (shop.name, shop.currency, shop.origins) == ("Lamp House", "USD", ["https://lamps.example"])
    assert shop.public_id in out.getvalue()
    invited = Invitation.objects.get()
    assert (invited.user.email, invited.role, Membership.objects.count()) == ("owner@lamps.example", "owner", 0)
    relay.drain()
    assert Message.objects.filter(user=invited.user).count() == 1


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"market": "XX"}, "--market"),
        ({"owner_email": "nobody"}, "email"),
        ({"origin": ["https://*"]}, "origins"),
        ({"name": "x" * 300}, "name"),
    ],
)
def test_a_shop_with_something_wrong_is_not_opened(change, named):
    with pytest.raises(CommandError, match=named):
        call_command("open_shop", **SHOP | change)
    assert (Merchant.objects.count(), User.objects.count()) == (0, 0)


def test_markets_of_shops_that_nobody_serves_are_named(settings, merchant):  # noqa: F811
    settings.BUREAU = "nobody"
    told = install()
    assert "Credit reports: nobody is asked in US (USD)" in told
    assert "Ready, but for 2 of the providers above." in told
