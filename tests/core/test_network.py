"""Who asks: read from the right, as far as the proxies that are trusted reach."""

import pytest
from django.test import RequestFactory

from core.network import address_mark, client_address, requester_of, trusted_proxies


def asked(forwarded: str = "", seen: str = "10.0.0.9"):
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return RequestFactory().get("/", headers=headers, REMOTE_ADDR=seen)


@pytest.mark.parametrize(
    ("trusted", "forwarded", "client"),
    [
        ("0", "", "10.0.0.9"),
        ("0", "203.0.113.7", "10.0.0.9"),
        ("1", "", "10.0.0.9"),
        ("1", "203.0.113.7", "203.0.113.7"),
        ("1", "1.1.1.1, 203.0.113.7", "203.0.113.7"),
        ("2", "1.1.1.1, 203.0.113.7, 10.0.0.5", "203.0.113.7"),
        ("2", "203.0.113.7", "203.0.113.7"),
        ("1", "<script>", "10.0.0.9"),
        ("2", "nonsense, 203.0.113.7", "203.0.113.7"),
        ("10.0.0.0/8", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.0/8", "1.1.1.1, 203.0.113.7, 10.0.0.5", "203.0.113.7"),
        ("192.0.2.7", "203.0.113.7", "10.0.0.9"),
        ("10.0.0.9,192.0.2.7", "1.1.1.1, 203.0.113.7, 192.0.2.7", "203.0.113.7"),
        ("1", "2001:db8::1", "2001:db8::1"),
    ],
)
def test_the_client_s_address(settings, trusted, forwarded, client):
    settings.TRUSTED_PROXIES = trusted
    assert client_address(asked(forwarded)) == client


def test_a_setting_that_is_neither_a_number_nor_networks():
    with pytest.raises(ValueError, match="proxy"):
        trusted_proxies("proxy")


def test_who_an_address_stands_for():
    assert requester_of("203.0.113.7") == "203.0.113.7"
    assert requester_of("::ffff:203.0.113.7") == "203.0.113.7"
    assert requester_of("2001:db8:1:2:3:4:5:6") == requester_of("2001:db8:1:2:ffff::1") == "2001:db8:1:2::"
    assert requester_of("") == ""


def test_a_mark_tells_nothing_of_the_address():
    assert len(address_mark("203.0.113.7")) == 12
    assert address_mark("203.0.113.7") != address_mark("203.0.113.8")
    assert "203" not in address_mark("203.0.113.7")
    assert address_mark("") == "-"
