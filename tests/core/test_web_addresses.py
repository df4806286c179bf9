"""Hosts, origins and addresses in the one form that may stand in a header."""

import pytest

from core.web_addresses import NotAnAddress, origin_of, read_host, read_origin, read_url, sound_origins


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("https://shop.example", "https://shop.example"),
        ("HTTPS://Shop.Example", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("https://shop.example:8443", "https://shop.example:8443"),
        ("https://müller.example", "https://xn--mller-kva.example"),
        ("https://xn--mller-kva.example", "https://xn--mller-kva.example"),
        ("https://MÜLLER.example:8443", "https://xn--mller-kva.example:8443"),
        ("https://日本語.example", "https://xn--wgv71a119e.example"),
    ],
)
@pytest.mark.parametrize("sandbox", [True, False])
def test_an_origin_has_one_form(typed, stored, sandbox):
    assert read_origin(typed, sandbox=sandbox) == stored


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("http://localhost:8001", "http://localhost:8001"),
        ("http://localhost:80", "http://localhost"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("https://localhost:8443", "https://localhost:8443"),
        ("http://nordlys.localhost:8001", "http://nordlys.localhost:8001"),
    ],
)
def test_only_a_sandbox_takes_its_own_machine(typed, stored):
    assert read_origin(typed, sandbox=True) == stored
    with pytest.raises(NotAnAddress):
        read_origin(typed, sandbox=False)


@pytest.mark.parametrize(
    "typed",
    [
        *("https://*", "https://*.evil.example", "*", "https:", "https://", "shop.example", "//shop.example", "'self'", "'none'", "data:"),
        *("https://user@evil.example", "https://user:secret@evil.example", "https://shop.example@evil.example"),
        *("https://shop.example/", "https://shop.example/path", "https://shop.example?a=b", "https://shop.example#a"),
        *("https://shop.example;script-src *", "https://shop.example https://evil.example", "https://shop.example,https://evil.example"),
        *(
            "https://shop.example\n",
            "https://shop.example\r\nX-A: b",
            "https://shop\t.example",
            " https://shop.example",
            "https://a\u200b b.example",
        ),
        *("http://shop.example", "ftp://shop.example", "javascript:alert(1)", "null", "https://shop.example:", "https://shop.example:0"),
        *(
            "https://shop.example:65536",
            "https://shop.example:٤٤٣",
            "https://shop.example:8e1",
            "https://-shop.example",
            "https://shop..example",
        ),
        *("https://shop.example.", "https://shop_1.example", "https://shop", "https://203.0.113.7", "https://0x7f.1", "https://2130706433"),
        *(
            "https://[::1]",
            "http://[::1]:8001",
            "https://[::ffff:127.0.0.1]",
            "http://0.0.0.0:8001",
            "https://xn--.example",
            "https://xn--a-ecp.example",
        ),
        *("https://" + "a" * 64 + ".example", "https://shop%2eexample.example", "https://shop.example\\@evil.example", ""),
    ],
)
@pytest.mark.parametrize("sandbox", [True, False])
def test_nothing_else_is_an_origin(typed, sandbox):
    with pytest.raises(NotAnAddress):
        read_origin(typed, sandbox=sandbox)
    assert sound_origins([typed, "https://shop.example"], sandbox=sandbox) == ["https://shop.example"]


def test_a_stored_origin_in_another_form_is_not_sound():
    assert sound_origins(["https://müller.example", "https://Shop.example", "https://shop.example:443"], sandbox=True) == []


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("https://shop.example/done?order=1#top", "https://shop.example/done?order=1#top"),
        ("https://shop.example", "https://shop.example"),
        ("https://shop.example/done?", "https://shop.example/done?"),
        ("http://localhost:8001/done", "http://localhost:8001/done"),
        ("http://[::1]:8001/done", "http://[::1]:8001/done"),
        ("https://Shop.Example/Done", "https://shop.example/Done"),
        ("https://müller.example:8443/zurück?ü=1", "https://xn--mller-kva.example:8443/zurück?ü=1"),
    ],
)
def test_an_address_keeps_all_but_its_host(sent, kept):
    assert read_url(sent) == kept


@pytest.mark.parametrize(
    "sent",
    [
        *("javascript:alert(1)", "data:text/html,x", "//evil.example", "/done", "https://", "https:///done", "https:shop.example", ""),
        *("https://user@evil.example/", "https://@evil.example/", "https://shop.example\\@evil.example/", "https://a%40b.example/"),
        *(
            "https://*/done",
            "https://shop .example/",
            "https://shop.example/a b",
            "https://shop.example/\r\nX-A: b",
            "https://shop.example/\u202e",
        ),
        *("https://shop.example:0/", "https://shop.example:99999/", "https://[::1/", "https://[fe80::1%25eth0]/", "https://2130706433/"),
    ],
)
def test_what_no_browser_may_be_sent_to_is_no_address(sent):
    with pytest.raises(NotAnAddress):
        read_url(sent)
    assert origin_of(sent) == ""


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Shop.example:443/done", "https://shop.example"),
        ("https://shop.example:8443/", "https://shop.example:8443"),
        ("https://müller.example/", "https://xn--mller-kva.example"),
        ("http://[::1]:8001/", "http://[::1]:8001"),
        ("http://[::1]/", "http://[::1]"),
    ],
)
def test_the_origin_of_an_address(url, origin):
    assert origin_of(url) == origin


@pytest.mark.parametrize("host", ["10.0.0.1", "shop.example", "::1"])
def test_hosts_that_are_in_their_form(host):
    assert read_host(host) == host


@pytest.mark.parametrize("unseen", ["\u200b", "\u00ad", "\u200d", "\u202e", "\ufeff", "\ufe0f", "\u034f"])
def test_a_host_with_characters_that_nobody_sees_is_refused(unseen):
    odd = f"https://sh{unseen}op.example"
    with pytest.raises(NotAnAddress, match=r"https://shop\.example holds characters that cannot be seen"):
        read_origin(odd, sandbox=True)
    with pytest.raises(NotAnAddress):
        read_url(odd)
