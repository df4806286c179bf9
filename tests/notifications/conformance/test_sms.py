"""What every sender of SMS does: a text arrives whole from the name it was given, and only a number or text is refused for good."""

import uuid

import pytest

from core import providers
from core.clock import wall
from core.provider_accounts import save_account
from core.twilio_client import SANDBOX_ACCOUNT
from notifications.gateways.sms import Undeliverable, send_sms
from tests import outside_accounts

LONG = "Kære Åse: 1.234,50 kr. forfalder på fredag → pay “now” 🙂 " * 8


@pytest.fixture
def outside_world(sandbox_world, settings):
    settings.PROVIDER_VALUES = settings.PROVIDER_VALUES | outside_accounts.variables(sandbox_world, outside_accounts.NOBODY)
    world = outside_accounts.Outside(sandbox_world, settings.SANDBOX_KEY)
    yield world
    world.chaos("twilio")
    providers.forget()


@pytest.fixture(params=["sandbox-sms", "twilio-sms"])
def sms(request, outside_world):
    return providers.connect(request.param)


@pytest.fixture
def to():
    return f"+1{2_000_000_000 + int(uuid.uuid4().hex[:8], 16)}"


def arrived(world, to):
    return [(one["from"], one["text"]) for one in world.read("/phone/api/messages", to=to)["data"]]


def test_it_works(sms):
    sms.health()


@pytest.mark.parametrize("text", ["Your payment of $57.25 is due on Friday.", LONG, "a"])
def test_a_text_arrives_whole_and_once(sms, to, outside_world, text):
    sms.send(to=to, text=text)
    assert arrived(outside_world, to) == [(outside_accounts.SENDER, text)]


def test_another_sender_speaks(sms, to, outside_world):
    sms.send(to=to, text="Hello", sender="Fjordbank")
    assert arrived(outside_world, to) == [("Fjordbank", "Hello")]


@pytest.mark.parametrize(("number", "text"), [("12", "Hello"), ("anna@people.example", "Hello"), ("+12125550100", "x" * 1_601)])
def test_what_never_arrives_is_refused_for_good(sms, number, text):
    with pytest.raises(Undeliverable):
        sms.send(to=number, text=text)


@pytest.mark.parametrize("fault", [{"fail_rate": 1}, {"hang_up_before_recording": 9}, {"hang_up_after_recording": 9}])
def test_no_answer_may_be_tried_again(sms, to, outside_world, fault):
    outside_world.chaos("twilio", **fault)
    with pytest.raises(Exception) as error:  # noqa: PT011  (the SDK and the network have many)
        sms.send(to=to, text="Hello")
    assert not isinstance(error.value, Undeliverable)


def test_who_does_not_answer_is_not_well(sms, outside_world):
    outside_world.chaos("twilio", fail_rate=1)
    with pytest.raises(Exception, match=r"."):
        sms.health()


@pytest.mark.parametrize("values", [{"auth_token": "turned"}, {"api_base": outside_accounts.NOBODY}])
def test_an_account_that_is_not_let_in_says_nothing_about_the_number(outside_world, to, values):
    sms = outside_accounts.other("twilio-sms", values)
    for ask in (lambda: sms.send(to=to, text="Hello"), sms.health):
        with pytest.raises(Exception) as error:  # noqa: PT011
            ask()
        assert not isinstance(error.value, Undeliverable)


def test_the_next_account_sends_where_the_first_is_not_let_in(db, to, outside_world, sandbox_world):
    """A token that was turned at Twilio must cost nobody a message while another account stands."""
    save_account(
        code="turned",
        provider="twilio-sms",
        capabilities=["sms"],
        market="",
        priority=1,
        active=True,
        values={"account_sid": SANDBOX_ACCOUNT, "auth_token": "turned", "api_base": sandbox_world, "sender": "+15005550001"},
        actor="test",
        at=wall(),
    )
    send_sms(to=to, text="Hello")
    assert arrived(outside_world, to) == [(outside_accounts.SENDER, "Hello")]
