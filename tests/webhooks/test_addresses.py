"""Which addresses are called, and which are not."""

import socket
import ssl
import threading

import pytest

from tests.certificates import self_signed
from webhooks.gateways import http
from webhooks.rules import Refused, is_public, may_call, read_target

PUBLIC = ["93.184.216.34", "8.8.8.8", "1.1.1.1", "2606:2800:220:1:248:1893:25c8:1946", "2a00:1450:4001:81b::200e"]
NOT_PUBLIC = [
    *("0.0.0.0", "10.0.0.1", "10.255.255.255", "100.64.0.1", "127.0.0.1", "127.8.8.8", "169.254.169.254", "172.16.0.1", "172.31.255.255"),
    *("192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "240.0.0.1"),
    *("255.255.255.255", "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:10.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::1"),
    *("fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "not an address", "", "127.1", "0x7f000001"),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_open_internet_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_every_other_range_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    ("url", "host", "port", "path"),
    [
        ("https://shop.example.com/hooks", "shop.example.com", 443, "/hooks"),
        ("https://Shop.Example.com", "shop.example.com", 443, "/"),
        ("https://shop.example.com:8443/a/b?c=d", "shop.example.com", 8443, "/a/b?c=d"),
        ("https://93.184.216.34/", "93.184.216.34", 443, "/"),
        ("https://[2606:2800:220:1:248:1893:25c8:1946]:8443/x", "2606:2800:220:1:248:1893:25c8:1946", 8443, "/x"),
    ],
)
@pytest.mark.parametrize("sandbox", [True, False])
def test_a_public_https_address_is_read(url, host, port, path, sandbox):
    target = read_target(url, sandbox=sandbox)
    assert (target.secure, target.host, target.port, target.path, target.loopback) == (True, host, port, path, False)


REFUSED = [
    *(
        "",
        "shop.example.com",
        "ftp://shop.example.com/",
        "http://shop.example.com/",
        "https://shop.example.com:444/",
        "https://shop.example.com:22/",
    ),
    *("https://shop.example.com:0/", "https://shop.example.com:99999/", "https://shop.example.com:x/", "https:///hooks", "https://"),
    *("https://user@shop.example.com/", "https://user:pw@shop.example.com/", "https://shop.example.com/#part"),
    *(
        "https://shop.example.com\\@evil.example/",
        "https://shop example.com/",
        "https://shop.example.com/\r\nX: 1",
        "https://shöp.example.com/",
    ),
    *(
        "https://intranet/",
        "https://shop.example.com./",
        "https://-shop.example.com/",
        "https://shop..example.com/",
        "https://shop_1.example.com/",
    ),
    *(
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://017700000001/",
        "https://127.1/",
        "https://0177.0.0.1/",
    ),
    *("https://127.0.0.1.1/", "https://1.2.3.256/", "https://shop.example.0x10/", "https://127.0.0.1%2f.example.com/"),
    *("https://10.0.0.1/", "https://169.254.169.254/latest/meta-data/", "https://192.168.0.10:8443/", "https://100.64.0.1/"),
    *(
        "https://[fe80::1]/",
        "https://[fe80::1%25eth0]/",
        "https://[::ffff:7f00:1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
    ),
    *("https://[fd00::1]/", "https://[::]/", "https://[1::2::3]/", "https://0.0.0.0/", "https://" + "a" * 600 + ".example.com/"),
]


@pytest.mark.parametrize("url", REFUSED)
@pytest.mark.parametrize("sandbox", [True, False])
def test_any_other_address_is_refused(url, sandbox):
    with pytest.raises(Refused):
        read_target(url, sandbox=sandbox)


LOOPBACK = ["http://127.0.0.1:8001/hooks", "http://localhost:5/x", "https://localhost/", "http://127.9.9.9/", "http://[::1]:9000/a"]


@pytest.mark.parametrize("url", LOOPBACK)
def test_loopback_is_called_in_a_sandbox_only_on_any_port(url):
    assert read_target(url, sandbox=True).loopback
    with pytest.raises(Refused):
        read_target(url, sandbox=False)


@pytest.mark.parametrize(
    "url", ["http://2130706433:8001/", "http://127.1:8001/", "http://[::ffff:127.0.0.1]:8001/", "http://a.localhost:8001/"]
)
def test_other_ways_to_write_loopback_are_refused_in_a_sandbox_too(url):
    with pytest.raises(Refused):
        read_target(url, sandbox=True)


def test_a_target_may_only_connect_to_its_own_kind_of_address():
    loopback = read_target("http://localhost:8001/", sandbox=True)
    public = read_target("https://shop.example.com/", sandbox=True)
    assert (may_call(loopback, "127.0.0.1"), may_call(loopback, "::1"), may_call(loopback, "10.0.0.1"), may_call(loopback, "8.8.8.8")) == (
        True,
        True,
        False,
        False,
    )
    assert (may_call(public, "8.8.8.8"), may_call(public, "127.0.0.1"), may_call(public, "::1")) == (True, False, False)


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::1"], ["169.254.169.254"], ["64:ff9b::7f00:1"]])
def test_a_name_that_leads_inside_is_never_connected_to(monkeypatch, addresses):
    monkeypatch.setattr(http, "resolve", lambda host, port: addresses)
    monkeypatch.setattr(socket, "create_connection", lambda *args, **kwargs: pytest.fail("connected"))
    answer = http.post("https://shop.example.com/", headers={}, body=b"{}", sandbox=True)
    assert (answer.ok, answer.status_code, answer.error) == (
        False,
        None,
        "refused: shop.example.com leads to an address that is not public",
    )


def test_a_name_that_changes_its_mind_gains_nothing(monkeypatch):
    """DNS rebinding: the connection goes to the address that was checked, and the name is asked once."""
    asked: list[str] = []
    connected: list[tuple[str, int]] = []

    def resolve(host, port, *args, **kwargs):
        asked.append(host)
        address = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(address, timeout):
        connected.append(address)
        raise ConnectionRefusedError(111, "refused here")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    answer = http.post("https://rebind.example.com/", headers={}, body=b"{}", sandbox=True)
    assert asked == ["rebind.example.com"]
    assert connected == [("93.184.216.34", 443)]
    assert not answer.ok


def test_the_second_address_is_tried_where_the_first_does_not_answer(receiver, monkeypatch):
    monkeypatch.setattr(http, "resolve", lambda host, port: ["127.0.0.2", "127.0.0.1"])
    answer = http.post(f"http://localhost:{receiver.port}/", headers={"Content-Type": "text/plain"}, body=b"x", sandbox=True)
    assert (answer.status_code, answer.text, answer.error) == (200, "ok", "")
    assert (receiver.heard[0].headers["host"], receiver.heard[0].body) == (f"localhost:{receiver.port}", b"x")


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path, monkeypatch):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        plain, _ = listener.accept()
        try:
            context.wrap_socket(plain, server_side=True).close()
        except OSError:
            plain.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    answer = http.post(f"https://127.0.0.1:{listener.getsockname()[1]}/", headers={}, body=b"{}", sandbox=True)
    thread.join(5)
    listener.close()
    assert answer.status_code is None
    assert answer.error.startswith("certificate not valid: ")
