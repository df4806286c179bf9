"""The weight of the hosted checkout: bytes on the wire, first contentful paint on a phone, and layout shift.

The web server is the one of production: compressed, hashed and cached files, the same flags. The phone is Chromium with a processor 4 times
slower, a line of 1.6 Mbit/s and 150 ms for each round trip, and an empty cache for each visit. `checkout_fcp_ms` is the median of the first
contentful paints of the checkout's first page; `checkout_wire_kb` counts every byte received on that visit, headers and font included;
`checkout_layout_shift` is the largest cumulative layout shift of all steps up to the card. There is no limit to compare with: the figures
are waiting times of a person.
"""

import shutil
import statistics
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from benchmarks.harness import Figure, Stack, run, stack
from stack import programs

VISITS = 7
PHONE = {"width": 390, "height": 844}
LINE = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
SLOWER = 4
CHROMIUM = ("chromium", "chromium-headless-shell")
WATCH = """
  window.shift = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) if (!one.hadRecentInput) window.shift += one.value; })
    .observe({ type: "layout-shift", buffered: true });
"""
PAINTED = """() => new Promise((done) => {
  const found = () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
  found() ? done(found()) : new PerformanceObserver(() => done(found())).observe({ type: "paint", buffered: true });
})"""
DETAILS = {
    "name": "Anna Nielsen",
    "birth_date": "1990-05-31",
    "line1": "1 Main St",
    "postal_code": "10001",
    "city": "New York",
    "region": "NY",
}


def measure() -> list[Figure]:
    """Visit the first page of fresh checkouts, then go through one, on a slow phone."""
    with stack() as running:
        # Before the browser starts, since its event loop prevents Django from using the database in this thread.
        addresses = _platform(running)
        with _browser() as browser:
            # The first visit warms up the server.
            visits = [_visit(browser, address) for address in addresses[:-1]][1:]
            shift, steps = _walk(browser, addresses[-1])
    paint = statistics.median(visit[0] for visit in visits)
    kilobytes = max(visit[1] for visit in visits) / 1000
    slowest = max(visit[0] for visit in visits)
    return [
        Figure("checkout_fcp_ms", paint, 1000, 700, "lower", f"ms, median of {VISITS} visits with an empty cache, slowest {slowest:.0f}"),
        Figure("checkout_wire_kb", kilobytes, 100, 50, "lower", f"kB, {visits[0][2]} answers with headers"),
        Figure("checkout_layout_shift", shift, 0.05, 0.0, "lower", f"the worst of {steps} pages"),
    ]


def _platform(running: Stack) -> list[str]:
    """Start the web server and the sandbox as in production; return the addresses of open checkouts, one for each visit."""
    from django.core.management import call_command

    from checkout.services import CheckoutDraft, open_checkout
    from core.money import Money
    from markets.models import Market
    from merchants.services import create_merchant

    call_command("collectstatic", interactive=False, verbosity=0)
    base, env = running.env["BNPL_BASE_URL"], running.env
    running.supervisor.start(programs.sandbox(running.folders, running.sandbox_port, base, env), programs.web(running.web_port, env))
    now = datetime.now(UTC)
    market = Market.objects.get(code="US")
    shop = create_merchant(
        name="Nordlys Lamps", legal_name="Nordlys LLC", market=market, payout_destination="bank", brand_color="#1f5f8b", at=now
    )
    draft = CheckoutDraft(
        amount=Money(22_900, "USD"),
        merchant_reference="R-1",
        items=[{"name": "Lamp", "quantity": 1, "unit_amount": 22_900, "amount": 22_900}],
        urls={"confirmation": "https://shop.example/thanks", "cancel": "https://shop.example/basket"},
    )
    drafts = [replace(draft, merchant_reference=f"R-{number}") for number in range(VISITS + 2)]
    return [f"{base}/checkout/{open_checkout(merchant=shop, draft=one, at=now).public_id}" for one in drafts]


@contextmanager
def _browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as machine:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = machine.chromium.launch(executable_path=next(filter(None, map(shutil.which, CHROMIUM)), None), args=flags)
        yield browser
        browser.close()


@contextmanager
def _phone(browser: Any) -> Iterator[tuple[Any, Any]]:
    """Yield a page of a slow phone with an empty cache, and its DevTools session."""
    context = browser.new_context(viewport=PHONE, device_scale_factor=2, is_mobile=True, locale="en-US")
    context.add_init_script(WATCH)
    page = context.new_page()
    inspector = context.new_cdp_session(page)
    inspector.send("Network.enable")
    inspector.send("Network.emulateNetworkConditions", LINE)
    inspector.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    yield page, inspector
    context.close()


def _visit(browser: Any, address: str) -> tuple[float, int, int]:
    """Return the milliseconds to the first contentful paint, the bytes received, and the number of responses."""
    with _phone(browser) as (page, inspector):
        sizes: list[float] = []
        inspector.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        page.goto(address, wait_until="networkidle")
        return float(page.evaluate(PAINTED)), int(sum(sizes)), len(sizes)


def _walk(browser: Any, address: str) -> tuple[float, int]:
    """Go through a checkout up to its card; return the largest layout shift of a page, and how many pages there were."""
    shifts: list[float] = []
    with _phone(browser) as (page, _):
        page.set_default_timeout(30_000)
        page.goto(address, wait_until="networkidle")
        for values in ({"contact": f"{uuid.uuid4().hex}+approve@example.com"}, {"code": "111111"}, DETAILS, {}, {}):
            shifts.append(float(page.evaluate("window.shift")))
            for name, value in values.items():
                page.locator(f"[name={name}]").fill(value)
            with page.expect_navigation(wait_until="networkidle"):
                page.locator(".checkout-foot .btn").click()
    return max(shifts), len(shifts)


if __name__ == "__main__":
    run(measure)
