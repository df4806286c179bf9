"""Providers and accounts: who is chosen, which keys are used, and how calls are counted."""

import threading
import time
from contextlib import suppress
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
import requests
import stripe
from django.db import connection
from django.test.utils import CaptureQueriesContext
from twilio.http.http_client import TwilioHttpClient

from core import provider_calls, providers, twilio_client
from core.clock import wall
from core.errors import NotFound
from core.models import ProviderAccount, ProviderCalls
from core.provider_accounts import WORDS
from core.providers import Account, Capability, Provider, ProviderMissing, Setting, choose, connect, first, get_account
from core.remote import Refused, Remote, Unknown
from payments.gateways.sandbox import SandboxGateway
from payments.gateways.stripe import _Measured
from tests import stripe_account


class Adapter:
    """Something that is asked."""

    def __init__(self, account):
        self.account = account


@pytest.fixture(autouse=True)
def paper():
    """Give a provider of cards in two countries and one currency."""
    provider = Provider(
        identifier="paper",
        name="Paper",
        capabilities=frozenset({Capability.CARDS}),
        adapter=f"{__name__}.Adapter",
        settings=(Setting(name="key", label="Key", secret=True),),
        countries=frozenset({"DK", "SE"}),
        currencies=frozenset({"DKK"}),
    )
    providers.register(provider)
    yield provider
    del providers._registered["paper"]


def typed(code, *, provider="paper", **more):
    return Account(
        code=code, provider=provider, capabilities=frozenset({Capability.CARDS}), **{"values": {"key": code}, "priority": 100, **more}
    )


def codes(**wanted):
    return [account.code for account in choose(Capability.CARDS, **wanted)]


def test_the_variables_name_who_is_asked(settings):
    assert [first(one).code for one in Capability] == [
        *["sandbox"] * 5,
        *(
            "sandbox-codes",
            "sandbox-sms",
            "sandbox-identity",
            "sandbox-pictures",
            "sandbox-screening",
            "sandbox-bureau",
            "sandbox-registers",
        ),
        *("sandbox-bank", "sandbox-mail", "sandbox-apple"),
    ]
    settings.VERIFICATION = "twilio"
    assert first(Capability.CODES).code == "twilio-codes"
    settings.IDENTITY = "nobody"
    with pytest.raises(ProviderMissing):
        first(Capability.IDENTITY)


def test_bank_debits_are_asked_of_whom_their_own_variable_names_and_only_in_its_currencies(settings):
    settings.PROVIDER_VALUES = settings.PROVIDER_VALUES | stripe_account.variables("http://127.0.0.1:9")
    settings.GATEWAY, settings.PULLS = "stripe", ""
    assert choose(Capability.PULLS) == []
    settings.PULLS = "stripe"
    served = {
        currency: [account.code for account in choose(Capability.PULLS, currency=currency)] for currency in ("EUR", "USD", "GBP", "DKK")
    }
    assert served == {"EUR": ["stripe"], "USD": ["stripe"], "GBP": ["stripe"], "DKK": []}
    assert [account.code for account in choose(Capability.CARDS, currency="DKK")] == ["stripe"]


def test_an_account_that_is_not_named_is_there_for_what_was_made_with_it(settings):
    with pytest.raises(NotFound):
        get_account("stripe")
    settings.PROVIDER_VALUES = settings.PROVIDER_VALUES | stripe_account.variables("http://127.0.0.1:9")
    assert (get_account("stripe").active, codes()) == (False, ["sandbox"])


def test_rows_come_first_by_priority_where_they_serve():
    providers.keep([typed("slow", priority=300), typed("danes", market="DK"), typed("off", active=False), typed("second", priority=200)])
    assert codes(market="DK", currency="DKK") == ["danes", "second", "slow", "sandbox"]
    assert codes(market="SE", currency="DKK") == ["second", "slow", "sandbox"]
    assert codes(market="DE", currency="DKK") == codes(market="DK", currency="EUR") == ["sandbox"]


def test_a_brand_s_account_serves_that_brand_only():
    providers.keep([typed("ours", brand="kvart")])
    assert codes(brand="kvart") == ["ours"]
    assert codes(brand="other") == codes() == ["sandbox"]


def test_a_live_installation_knows_nothing_of_the_sandbox(settings):
    settings.SANDBOX = False
    # A process keeps its adapters, and has one mode for as long as it lives.
    providers.forget()
    assert codes() == []
    with pytest.raises(NotFound):
        connect("sandbox")
    assert not any(provider.sandbox for provider in providers.list_providers())


def test_a_row_takes_the_place_of_the_variables_and_new_keys_are_used_at_once(db, settings):
    settings.GATEWAY = "stripe"
    settings.PROVIDER_VALUES = settings.PROVIDER_VALUES | stripe_account.variables("http://127.0.0.1:9")
    assert get_account("stripe").values["webhook_secret"] == "whsec_test"
    row = ProviderAccount(code="stripe", provider="stripe", capabilities=["cards"], changed_by="test", created_at=wall(), changed_at=wall())
    for secret in ("whsec_first", "whsec_second"):
        row.values = {"secret_key": "sk_test_x", "webhook_secret": secret, "api_base": "http://127.0.0.1:9"}
        row.save()
        providers.refresh(at_once=True)
        assert connect("stripe")._webhook_secret == secret
    assert codes() == ["stripe"]
    stored = connection.cursor()
    stored.execute("SELECT values FROM core_provideraccount")
    assert "whsec" not in stored.fetchone()[0]


def test_choosing_reads_no_row_while_what_was_read_is_young(db, settings):
    settings.PROVIDERS_REREAD_S = 60
    with CaptureQueriesContext(connection) as asked:
        codes()
    assert len(asked) == 0
    settings.PROVIDERS_REREAD_S = -1
    with CaptureQueriesContext(connection) as asked:
        codes()
    assert len(asked) == 1


def test_one_adapter_serves_all_threads():
    providers.keep([typed("one")])
    found = []
    threads = [threading.Thread(target=lambda: found.append(connect("one"))) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(found) == 8
    assert len({id(adapter) for adapter in found}) == 1


def test_calls_are_counted_and_written_once_for_many(db, settings):
    provider_calls.forget()
    at = wall()
    for ms in (10, 30):
        provider_calls.note("paper", ms=ms)
    with pytest.raises(Unknown):
        Remote("http://127.0.0.1:9", "k", account="paper").get("/x")
    with CaptureQueriesContext(connection) as asked:
        provider_calls.write_now()
    assert len(asked) == 1
    provider_calls.note("paper", ms=2_000, error="503")
    provider_calls.write_now()
    row = ProviderCalls.objects.get()
    assert (row.account, row.calls, row.failed, row.error, row.slowest_ms) == ("paper", 4, 2, "503", 2_000)
    health = provider_calls.list_health(hours=2, at=at)["paper"]
    assert (health.calls, health.success, health.error) == (4, 0.5, "503")
    assert health.mean_ms == round(row.total_ms / 4)


@pytest.mark.parametrize(
    ("status", "error"),
    [(200, ""), (402, ""), (404, ""), (401, "AuthenticationError 401"), (403, "AuthenticationError 403"), (503, "HTTPError 503")],
)
def test_refused_keys_count_as_a_failed_call(status, error, db, monkeypatch):
    provider_calls.forget()
    answer = SimpleNamespace(status_code=status, json=dict, raise_for_status=Mock(side_effect=requests.HTTPError))
    monkeypatch.setattr(requests.Session, "request", Mock(return_value=answer))
    monkeypatch.setattr(stripe.RequestsClient, "request", Mock(return_value=(b"{}", status, {})))
    with suppress(Refused, Unknown):
        Remote("https://paper.example", "k", account="remote").get("/x")
    _Measured("stripe").request("GET", "https://paper.example", {})
    SandboxGateway(SimpleNamespace(code="sandbox"))._send("GET", "/x")
    provider_calls.write_now()
    assert dict(ProviderCalls.objects.values_list("account", "error")) == dict.fromkeys(["remote", "stripe", "sandbox"], error)
    assert set(ProviderCalls.objects.values_list("failed", flat=True)) == {int(bool(error))}


def test_twilio_s_answer_about_a_number_is_no_failed_call(db, monkeypatch):
    provider_calls.forget()
    for status in (401, 403, 429, 500):
        monkeypatch.setattr(TwilioHttpClient, "request", Mock(return_value=SimpleNamespace(status_code=status)))
        twilio_client._client(f"paper-{status}", "AC", "t", "").http_client.request("GET", "https://api.twilio.com/x")
    provider_calls.write_now()
    found = dict(ProviderCalls.objects.values_list("account", "error"))
    assert found == {"paper-401": "AuthenticationError 401", "paper-403": "", "paper-429": "", "paper-500": "HTTPError 500"}


def test_figures_are_written_after_requests_some_seconds_apart(client, db, settings, monkeypatch):
    provider_calls.forget()
    provider_calls.note("paper", ms=5)
    settings.PROVIDER_CALLS_EVERY_S = 60
    monkeypatch.setattr(provider_calls._Tally, "written_at", time.monotonic())
    provider_calls.write_sometimes()
    assert ProviderCalls.objects.count() == 0
    settings.PROVIDER_CALLS_EVERY_S = -1
    provider_calls.write_sometimes()
    assert ProviderCalls.objects.get().calls == 1


def test_rows_of_accounts_stay(db):
    row = ProviderAccount.objects.create(
        code="kept", provider="paper", capabilities=["cards"], values={"key": "k"}, changed_by="test", created_at=wall(), changed_at=wall()
    )
    with pytest.raises(Exception, match="append-only"):
        row.delete()


def test_every_capability_is_called_something():
    assert WORDS.keys() == set(Capability)
