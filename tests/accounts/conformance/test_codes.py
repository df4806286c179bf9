"""What every provider of one-time codes does: one code at a time, good once, few tries, and never a "yes" for no answer."""

import re
import uuid

import pytest

from accounts.gateways.base import ProviderUnavailable, TooManyCodes, UnknownDestination
from core import providers
from tests import outside_accounts

WAYS = ["email", "sms"]


@pytest.fixture(params=["sandbox-codes", "twilio-codes"])
def account(request, outside_world):
    return request.param


@pytest.fixture
def codes(account):
    return providers.connect(account)


@pytest.fixture
def somebody():
    """Give a function that names somebody new whom a channel reaches."""

    def make(channel):
        name = uuid.uuid4().hex
        return f"{name}@people.example" if channel == "email" else f"+1{2_000_000_000 + int(name[:8], 16)}"

    return make


@pytest.fixture
def received(outside_world):
    """Give a function that reads the newest code that somebody received."""

    def read(channel, to):
        door, text = {"email": ("/mailbox/api/messages", "subject"), "sms": ("/phone/api/messages", "text")}[channel]
        newest = outside_world.read(door, to=to)["data"][0]
        return re.search(r"\d{6}", newest[text])[0]

    return read


def wrong(code):
    """A code that is not this one, nor the sandbox's that passes always."""
    return f"{(int(code) + 1) % 1_000_000:06d}" if code != "111110" else "222222"


def test_it_works(codes):
    codes.health()


@pytest.mark.parametrize("channel", WAYS)
def test_the_code_that_was_received_is_right_once_and_no_other_is(codes, somebody, received, channel):
    to = somebody(channel)
    assert codes.check(to=to, code="123456") is False
    assert codes.send(channel=channel, to=to)
    code = received(channel, to)
    assert codes.check(to=to, code=wrong(code)) is False
    assert codes.check(to=to, code=code) is True
    assert codes.check(to=to, code=code) is False


@pytest.mark.parametrize("channel", WAYS)
def test_a_code_is_of_one_person(codes, somebody, received, channel):
    mine, theirs = somebody(channel), somebody(channel)
    codes.send(channel=channel, to=mine)
    codes.send(channel=channel, to=theirs)
    assert codes.check(to=theirs, code=wrong(received(channel, theirs))) is False
    if received(channel, mine) != received(channel, theirs):
        assert codes.check(to=theirs, code=received(channel, mine)) is False


@pytest.mark.parametrize("channel", WAYS)
def test_an_unused_code_is_sent_again_under_one_name(codes, somebody, received, channel):
    to = somebody(channel)
    first, code = codes.send(channel=channel, to=to), received(channel, to)
    assert codes.send(channel=channel, to=to) == first
    assert received(channel, to) == code
    assert codes.check(to=to, code=code) is True
    assert codes.send(channel=channel, to=to) != first


@pytest.mark.parametrize("channel", WAYS)
def test_a_code_that_was_canceled_is_wrong_and_may_be_canceled_again(codes, somebody, received, channel):
    to = somebody(channel)
    first, code = codes.send(channel=channel, to=to), received(channel, to)
    codes.cancel(reference=first)
    codes.cancel(reference=first)
    assert codes.check(to=to, code=code) is False
    assert codes.send(channel=channel, to=to) != first


def test_a_code_nobody_knows_is_canceled_without_a_word(codes):
    codes.cancel(reference="VE" + "0" * 32)


@pytest.mark.parametrize("channel", WAYS)
def test_few_are_sent_and_few_are_tried(codes, somebody, received, channel):
    to = somebody(channel)
    with pytest.raises(TooManyCodes):
        for _ in range(12):
            codes.send(channel=channel, to=to)
    code = received(channel, to)
    with pytest.raises(TooManyCodes):
        for _ in range(12):
            assert codes.check(to=to, code=wrong(code)) is False
    with pytest.raises(TooManyCodes):
        codes.check(to=to, code=code)


@pytest.mark.parametrize(("channel", "to"), [("email", "nobody"), ("sms", "12"), ("sms", "anna@people.example")])
def test_where_nobody_can_be_reached_is_said(codes, channel, to):
    with pytest.raises(UnknownDestination):
        codes.send(channel=channel, to=to)


@pytest.mark.parametrize("fault", [{"fail_rate": 1}, {"hang_up_before_recording": 9}, {"hang_up_after_recording": 9}])
def test_no_answer_is_neither_yes_nor_no(codes, somebody, outside_world, fault):
    to = somebody("email")
    name = codes.send(channel="email", to=to)
    outside_world.chaos("twilio", **fault)
    asks = [lambda: codes.send(channel="email", to=to), lambda: codes.check(to=to, code="111111"), lambda: codes.cancel(reference=name)]
    for ask in asks:
        with pytest.raises(ProviderUnavailable):
            ask()


def test_who_does_not_answer_at_all_is_not_well(codes, outside_world):
    outside_world.chaos("twilio", fail_rate=1)
    with pytest.raises(ProviderUnavailable):
        codes.health()


@pytest.mark.parametrize("values", [{"auth_token": "turned"}, {"service": "VAgone"}, {"api_base": outside_accounts.NOBODY}])
def test_an_account_that_is_not_let_in_tells_nobody_that_a_code_was_sent(outside_world, somebody, values):
    codes = outside_accounts.other("twilio-codes", values)
    with pytest.raises(ProviderUnavailable):
        codes.send(channel="email", to=somebody("email"))
