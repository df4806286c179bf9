"""A shop's checkout in a real browser: the platform's own server, the sandbox world's card page."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from checkout.models import Checkout
from core import clock
from tests.browser.looking import Eyes


@pytest.fixture
def platform(live_server, settings, sandbox_world) -> str:
    """Give the address of the running platform, to which the card page redirects back."""
    settings.BASE_URL = live_server.url
    return live_server.url


@pytest.fixture
def shop_checkout(platform, buy, merchant) -> Callable[..., Checkout]:
    """Give a function that opens a checkout whose shop is a page of another site."""
    from django.conf import settings

    urls = {"confirmation": f"{settings.SANDBOX_URL}/?from=shop", "cancel": f"{settings.SANDBOX_URL}/mailbox/"}
    return lambda amount=22_900, *, shop=merchant, **draft: buy.open(shop, amount, clock.now(), urls=urls, **draft)


@pytest.fixture
def email() -> Callable[[str], str]:
    """Give a function that makes an address of a persona that no other test uses."""
    return lambda persona="": f"{uuid.uuid4().hex[:12]}{persona}@example.com"


@pytest.fixture
def plain_page(browser) -> Iterator[Any]:
    """A phone's browser without JavaScript."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-US", java_script_enabled=False)
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def eyes(page) -> Iterator[Eyes]:
    """Check pages of this test's browser; the problems found fail the test at its end."""
    found = Eyes(page.context)
    yield found
    # Pytest shows these lines where the test fails.
    print(page.url, page.inner_text("body")[:1500], sep="\n")
    found.close()
