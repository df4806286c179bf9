"""Who may frame a checkout, which cookies it has there, and which windows keep their opener: headers, without a browser."""

import pytest
from django.test import Client

SHOP, OTHER = "https://shop.example", "https://other.example"
FRAME = {"Sec-Fetch-Dest": "iframe"}


@pytest.fixture
def address(open_checkout, merchant) -> str:
    """The path of an open checkout of a shop with two registered origins."""
    merchant.origins = [SHOP, "https://www.shop.example"]
    merchant.save()
    return f"/checkout/{open_checkout().public_id}"


def policy_of(response) -> dict[str, str]:
    """Return the directives of a page's policy."""
    return dict(part.strip().partition(" ")[::2] for part in response["Content-Security-Policy"].split(";"))


def test_only_registered_origins_may_frame_a_checkout(client, address):
    page = client.get(address)
    assert policy_of(page)["frame-ancestors"] == f"{SHOP} https://www.shop.example"
    assert "X-Frame-Options" not in page
    assert policy_of(page)["script-src"] == "'self'"


def test_a_shop_without_origins_and_every_other_page_are_never_framed(client, open_checkout):
    for path in (f"/checkout/{open_checkout().public_id}", "/", "/sign-in", "/merchant/sign-in", "/checkout/chk_nothing"):
        page = client.get(path, headers=FRAME)
        assert policy_of(page)["frame-ancestors"] == "'none'", path
        assert page["X-Frame-Options"] == "DENY", path


@pytest.mark.parametrize(
    "stored",
    ["https://müller.example", "https://*", "https://*.evil.example", "https://user@evil.example", "https://a.example; script-src *"],
)
def test_what_a_row_should_not_hold_opens_no_page_to_frames(client, open_checkout, merchant, stored):
    merchant.origins = [stored]
    merchant.save()
    page = client.get(f"/checkout/{open_checkout().public_id}?mode=popup&origin={stored}")
    assert page.status_code == 200
    assert page["X-Frame-Options"] == "DENY"
    assert policy_of(page)["frame-ancestors"] == "'none'"
    assert policy_of(page)["script-src"] == "'self'"
    assert page["Content-Security-Policy"].isascii()
    assert page["Cross-Origin-Opener-Policy"] == "same-origin"
    merchant.origins = [stored, SHOP]
    merchant.save()
    page = client.get(f"/checkout/{open_checkout().public_id}?mode=popup&origin={SHOP}")
    assert policy_of(page)["frame-ancestors"] == SHOP
    assert f'data-origin="{SHOP}"' in page.content.decode()


def test_a_policy_that_browsers_cannot_read_leaves_the_older_header(client, address, settings):
    directives = {**settings.CONTENT_SECURITY_POLICY["DIRECTIVES"], "img-src": ["https://bücher.example"]}
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": directives}
    page = client.get(address)
    assert not page["Content-Security-Policy"].isascii()
    assert page["X-Frame-Options"] == "DENY"


def test_a_frame_has_cookies_of_its_own_and_nobody_elses_session(client, address, bought, sign_in):
    sign_in(client, bought(send=False).consumer)
    assert "Welcome back" in client.get(address).content.decode()
    framed = client.get(f"{address}?mode=embedded&origin={SHOP}", headers=FRAME)
    assert "Welcome back" not in framed.content.decode()
    assert f'data-mode="embedded" data-origin="{SHOP}"' in framed.content.decode()
    assert set(framed.cookies) == {"framed_csrftoken", "framed_bnpl_opening"}
    token = framed.cookies["framed_csrftoken"]
    assert (token["samesite"], token["secure"], token["path"]) == ("None", "1", "/checkout/")
    assert "Partitioned" in token.OutputString()


def test_a_form_in_a_frame_without_cookies_leads_to_the_page_of_its_own(address):
    answer = Client(enforce_csrf_checks=True).post(f"{address}/contact", {"contact": "a@b.example"}, headers=FRAME)
    assert answer.status_code == 403
    assert f'href="{address}" target="_top"' in answer.content.decode()
    assert policy_of(answer)["frame-ancestors"].startswith(SHOP)
    plain = Client(enforce_csrf_checks=True).post(f"{address}/contact", {"contact": "a@b.example"})
    assert plain.status_code == 403
    assert "_top" not in plain.content.decode()


def test_a_window_keeps_its_opener_for_a_registered_origin_only(client, address):
    assert client.get(address)["Cross-Origin-Opener-Policy"] == "same-origin"
    assert client.get(f"{address}?mode=popup&origin={OTHER}")["Cross-Origin-Opener-Policy"] == "same-origin"
    first = client.get(f"{address}?mode=popup&origin={SHOP}")
    assert first["Cross-Origin-Opener-Policy"] == "unsafe-none"
    assert (first.cookies["bnpl_opening"]["path"], first.cookies["bnpl_opening"]["samesite"]) == (address, "Lax")
    # A redirect on the way would cut the two apart just as well.
    further = client.get(f"{address}/pay")
    assert (further.status_code, further["Cross-Origin-Opener-Policy"]) == (302, "unsafe-none")
    assert f'data-mode="popup" data-origin="{SHOP}"' in client.get(address).content.decode()


@pytest.mark.parametrize(("sandbox", "rehearsal", "actions"), [(False, False, "'self' https:"), (False, True, "'self' https: http:")])
def test_only_a_rehearsal_lets_forms_lead_to_a_card_page_by_plain_http(client, address, settings, sandbox, rehearsal, actions):
    settings.SANDBOX, settings.REHEARSAL = sandbox, rehearsal
    assert policy_of(client.get(address))["form-action"] == actions
