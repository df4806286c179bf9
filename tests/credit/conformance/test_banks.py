"""What every provider of open banking does: a person connects their bank, movements are read whole, and the access ends."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
import requests
from django.conf import settings

from core import providers
from core.providers import Account, Capability
from credit.banking.sums import sum_up
from credit.gateways.banks import ConsentNeeded, NotConnected, NotReady, TooOften
from credit.gateways.base import SourceRefused, SourceUnavailable
from credit.gateways.plaid import of_account as plaid_of
from credit.gateways.tink import of_account as tink_of
from tests.bank_server import PLAID_SECRET, TINK_SECRET, Bank, plaid_error, plaid_line, tink_line

TODAY = datetime.now(UTC).date()
SINCE = TODAY - timedelta(days=365)
BACK = "https://pay.example/bank/back"


@pytest.fixture(scope="module")
def server():
    bank = Bank(TODAY)
    yield bank
    bank.close()


@pytest.fixture
def bank(server):
    fresh = {name: getattr(server, name) for name in ("lines", "balance", "agrees")}
    server.asked.clear()
    yield server
    server.answers.clear()
    server.open.clear()
    for name, value in fresh.items():
        setattr(server, name, value)


def adapter(kind, url, **values):
    secret = {"plaid": PLAID_SECRET, "tink": TINK_SECRET}[kind]
    values = {"client_id": "me", "secret": secret, "url": url, "link_url": "https://link.example", "shown_name": "Kvart"} | values
    account = Account(code=kind, provider=kind, capabilities=frozenset({Capability.OPEN_BANKING}), values=values)
    return {"plaid": plaid_of, "tink": tink_of}[kind](account)


@pytest.fixture(params=["plaid", "tink"])
def kind(request):
    return request.param


@pytest.fixture
def source(kind, bank):
    return adapter(kind, bank.url)


def begin(source, market="GB"):
    return source.begin(person=f"p_{uuid.uuid4().hex}", market=market, language="en", back=BACK, state="s1")


def connect(source):
    return source.finish(handle=begin(source).handle)


def at_the_test_bank(visit, life, answer="yes"):
    shown = requests.get(visit.url, timeout=10)
    assert (shown.status_code, any(word in shown.text for word in ("Kvart", "kvart", "Tink"))) == (200, True)
    return requests.post(visit.url, data={"life": life, "answer": answer}, timeout=10, allow_redirects=False).headers["Location"]


def test_a_person_connects_and_is_read_whole(source, bank):
    source.health()
    visit = begin(source)
    assert visit.url.startswith("https://")
    told = source.read(source.finish(handle=visit.handle), currency="GBP", since=SINCE)
    assert [(one.on, one.minor, one.text) for one in sorted(told.movements, key=lambda one: (one.on, one.minor))] == bank.lines
    assert dict(told.balances) == {"a": 123_456}
    found = sum_up(told.movements, balances=told.balances, until=TODAY)
    assert (found.income_minor, found.verifies_income) == (300_000, True)


def test_the_balance_alone_is_told_while_the_access_is_open(source):
    access = connect(source)
    assert source.balance(access, currency="GBP") == 123_456
    assert source.balance(access, currency="EUR") is None
    source.end(access)
    with pytest.raises(ConsentNeeded):
        source.balance(access, currency="GBP")


def test_plaid_s_balance_is_what_can_be_spent(bank):
    source = adapter("plaid", bank.url)
    access = connect(source)
    told = [
        {"account_id": "a", "type": "depository", "balances": {"available": 10.5, "current": 99, "iso_currency_code": "GBP"}},
        {"account_id": "b", "type": "depository", "balances": {"available": None, "current": 7, "iso_currency_code": "GBP"}},
        {"account_id": "c", "type": "credit", "balances": {"available": 5_000, "current": 1, "iso_currency_code": "GBP"}},
    ]
    bank.answers["/accounts/balance/get"] = [(200, {"accounts": told})]
    assert source.balance(access, currency="GBP") == 1_050


def test_only_the_person_s_mark_is_sent(source, bank):
    connect(source)
    sent = str(bank.asked)
    assert "@" not in sent
    assert not any(word in sent for word in ("email", "phone", "birth", "legal_name"))


def test_who_left_without_a_bank_has_none(source, bank):
    bank.agrees = False
    with pytest.raises(NotConnected):
        connect(source)


def test_an_ended_access_opens_nothing_and_ends_again_without_harm(source):
    access = connect(source)
    source.end(access)
    with pytest.raises(ConsentNeeded):
        source.read(access, currency="GBP", since=SINCE)
    source.end(access)


def test_other_currencies_are_not_read(source):
    told = source.read(connect(source), currency="EUR", since=SINCE)
    assert (told.movements, dict(told.balances)) == ((), {})


def test_wrong_keys_are_refused(kind, bank):
    source = adapter(kind, bank.url, secret="turned")
    for ask in (
        source.health,
        lambda: begin(source),
        lambda: source.finish(handle="x"),
        lambda: source.read("x", currency="GBP", since=SINCE),
        lambda: source.balance("x", currency="GBP"),
    ):
        with pytest.raises(SourceRefused):
            ask()


def test_nobody_there_is_no_answer(kind):
    source = adapter(kind, "http://127.0.0.1:9")
    for ask in (source.health, lambda: begin(source), lambda: source.end("x")):
        with pytest.raises(SourceUnavailable):
            ask()


READS = {"plaid": "/transactions/sync", "tink": "/data/v2/transactions"}


@pytest.mark.parametrize(
    "answer",
    [
        (200, {}),
        (200, []),
        (200, None),
        (200, b"not json"),
        (500, {}),
        (200, {"added": [{}], "modified": [], "removed": [], "transactions": [{}]}),
    ],
)
def test_what_cannot_be_read_is_no_statement(source, kind, bank, answer):
    access = connect(source)
    bank.answers[READS[kind]] = [answer]
    with pytest.raises(SourceUnavailable):
        source.read(access, currency="GBP", since=SINCE)


def test_asked_too_often(source, kind, bank):
    access = connect(source)
    bank.answers[READS[kind]] = [(429, plaid_error("RATE_LIMIT_EXCEEDED")[1])]
    with pytest.raises(TooOften):
        source.read(access, currency="GBP", since=SINCE)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ITEM_LOGIN_REQUIRED", ConsentNeeded),
        ("PRODUCT_NOT_READY", NotReady),
        ("RATE_LIMIT_EXCEEDED", TooOften),
        ("INVALID_FIELD", SourceRefused),
    ],
)
def test_plaid_s_errors(bank, code, error):
    source = adapter("plaid", bank.url)
    access = connect(source)
    for path in ("/transactions/sync", "/accounts/balance/get"):
        bank.answers[path] = [plaid_error(code)]
        with pytest.raises(error):
            source.read(access, currency="GBP", since=SINCE)


def test_plaid_is_read_anew_if_movements_change_meanwhile(bank):
    source = adapter("plaid", bank.url)
    access = connect(source)
    bank.answers["/transactions/sync"] = [plaid_error("TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION")]
    assert len(source.read(access, currency="GBP", since=SINCE).movements) == len(bank.lines)
    bank.answers["/transactions/sync"] = [plaid_error("TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION")] * 3
    with pytest.raises(NotReady):
        source.read(access, currency="GBP", since=SINCE)


def page(added=(), modified=(), removed=(), **more):
    told = {"added": list(added), "modified": list(modified), "removed": [{"transaction_id": one} for one in removed]}
    return 200, told | {"has_more": False, "next_cursor": "9", "transactions_update_status": "HISTORICAL_UPDATE_COMPLETE"} | more


def test_plaid_s_changes_pending_and_other_accounts(bank):
    source = adapter("plaid", bank.url)
    access = connect(source)
    day = TODAY - timedelta(days=9)
    first = [plaid_line(n, (day, 100 * n, f"line {n}")) for n in range(1, 5)]
    first += [
        plaid_line(5, (day, 5, "waits"), pending=True),
        plaid_line(6, (day, 6, "card"), account="b"),
        plaid_line(7, (day, 7, "x"), "USD"),
    ]
    first += [plaid_line(8, (SINCE - timedelta(days=1), 8, "old"))]
    medical = {"personal_finance_category": {"detailed": "MEDICAL_PHARMACIES_AND_SUPPLEMENTS"}}
    wages = {"personal_finance_category": {"detailed": "INCOME_WAGES"}, "merchant_name": "Globex"}
    second = page(
        modified=[plaid_line(1, (day, 999, "line 1"), **wages), plaid_line(2, (day, -1_999, "line 2"), **medical)], removed=["t3", "t77"]
    )
    bank.answers["/transactions/sync"] = [page(first, has_more=True), second]
    told = source.read(access, currency="GBP", since=SINCE)
    assert [(one.minor, one.text, one.other, one.told) for one in told.movements] == [
        (999, "line 1", "Globex", "salary"), (-1_999, "line 2", "", None), (400, "line 4", "", None),
    ]  # fmt: skip


def test_plaid_s_history_that_is_still_fetched_is_not_ready(bank):
    source = adapter("plaid", bank.url)
    access = connect(source)
    for state in ("NOT_READY", "INITIAL_UPDATE_COMPLETE"):
        bank.answers["/transactions/sync"] = [page(transactions_update_status=state)]
        with pytest.raises(NotReady):
            source.read(access, currency="GBP", since=SINCE)


@pytest.mark.parametrize("more", [{"next_cursor": ""}, {}])
def test_plaid_s_pages_without_an_end(bank, more):
    source = adapter("plaid", bank.url)
    access = connect(source)
    bank.answers["/transactions/sync"] = [page(**more | {"has_more": True})] * 200
    with pytest.raises(SourceUnavailable):
        source.read(access, currency="GBP", since=SINCE)
    assert sum(path == "/transactions/sync" for path, _ in bank.asked) <= 60


@pytest.mark.parametrize("amount", ["12.00", None, True, 0.005, 1e300, float("nan"), [1], 10**14])
def test_plaid_s_amounts_that_are_none(bank, amount):
    source = adapter("plaid", bank.url)
    access = connect(source)
    bank.answers["/transactions/sync"] = [page([plaid_line(1, (TODAY, 1, "x")) | {"amount": amount}])]
    with pytest.raises(SourceUnavailable):
        source.read(access, currency="GBP", since=SINCE)


def test_tink_link_is_opened_for_a_user_of_our_own(bank):
    source = adapter("tink", bank.url)
    visit = source.begin(person="p_1", market="SE", language="sv", back=BACK, state="s 1")
    assert visit.url == (
        "https://link.example/1.0/transactions/connect-accounts?client_id=me&redirect_uri=https%3A%2F%2Fpay.example%2Fbank%2Fback"
        "&state=s+1&authorization_code=code%3Ap_1&market=SE&locale=sv_SE"
    )
    assert source.begin(person="p_1", market="SE", language="xx", back=BACK, state="s").url.endswith("locale=en_US")


def test_tink_s_categories_counterparties_and_merchant_codes(bank):
    source = adapter("tink", bank.url)
    access = connect(source)
    sides = {"counterparties": {"payer": {"name": "Globex"}, "payee": {"name": "Casino"}}}
    lines = [
        tink_line((TODAY, 500, "in"), categories={"pfm": {"id": "income:salary.other"}}, **sides),
        tink_line((TODAY, -500, "out"), merchantInformation={"merchantCategoryCode": "7995"}, categories=None, **sides),
        tink_line((TODAY, -1, "waits"), status="PENDING"),
        tink_line((TODAY, -1, "card"), account="b"),
    ]
    bank.answers["/data/v2/transactions"] = [(200, {"transactions": lines})]
    told = source.read(access, currency="GBP", since=SINCE).movements
    assert [(one.minor, one.other, one.told, one.merchant_code) for one in told] == [
        (500, "Globex", "salary", ""),
        (-500, "Casino", None, "7995"),
    ]


@pytest.mark.parametrize(("unscaled", "scale", "minor"), [("12", "0", 1_200), ("-1205", "2", -1_205), ("1205000", "5", 1_205)])
def test_tink_s_amounts(bank, unscaled, scale, minor):
    source = adapter("tink", bank.url)
    access = connect(source)
    line = tink_line((TODAY, 1, "x")) | {"amount": {"value": {"unscaledValue": unscaled, "scale": scale}, "currencyCode": "GBP"}}
    bank.answers["/data/v2/transactions"] = [(200, {"transactions": [line]})]
    assert [one.minor for one in source.read(access, currency="GBP", since=SINCE).movements] == [minor]


@pytest.mark.parametrize(
    ("unscaled", "scale"), [("x", "2"), ("1", "3"), ("1", "-999999999"), ("9" * 30, "2"), ("9" * 5_000, "2"), (None, "2")]
)
def test_tink_s_amounts_that_are_none(bank, unscaled, scale):
    source = adapter("tink", bank.url)
    access = connect(source)
    line = tink_line((TODAY, 1, "x")) | {"amount": {"value": {"unscaledValue": unscaled, "scale": scale}, "currencyCode": "GBP"}}
    bank.answers["/data/v2/transactions"] = [(200, {"transactions": [line]})]
    with pytest.raises(SourceUnavailable):
        source.read(access, currency="GBP", since=SINCE)


def test_tink_asks_the_person_again_if_every_consent_ended(bank):
    source = adapter("tink", bank.url)
    access = connect(source)
    bank.answers["/api/v1/credentials/list"] = [(200, {"credentials": [{"status": "SESSION_EXPIRED"}]})]
    with pytest.raises(ConsentNeeded):
        source.read(access, currency="GBP", since=SINCE)


@pytest.fixture(params=["sandbox-bank", "tink"])
def own_bank(sandbox_world, request):
    """The sandbox's bank by Plaid's protocol and by Tink's."""
    if request.param == "tink":
        secret = settings.SANDBOX_KEY
        yield adapter("tink", f"{sandbox_world}/tink", secret=secret, link_url=f"{sandbox_world}/tink/link")
        return
    yield providers.connect("sandbox-bank")
    providers.forget()


@pytest.mark.parametrize(
    ("life", "income", "verifies"),
    [("salary", 320_000, True), ("benefits", 140_000, True), ("lenders", 320_000, True), ("gambling", 320_000, True),
     ("overdrawn", 320_000, True), ("lost_job", 0, False), ("none", 0, False)],
)  # fmt: skip
def test_the_sandbox_s_bank(own_bank, life, income, verifies):
    visit = begin(own_bank)
    assert at_the_test_bank(visit, life).startswith(f"{BACK}?state=s1")
    access = own_bank.finish(handle=visit.handle)
    told = own_bank.read(access, currency="GBP", since=SINCE)
    found = sum_up(told.movements, balances=told.balances, until=TODAY)
    assert (found.income_minor, found.verifies_income) == (income, verifies)
    assert (found.lenders_minor > 0, found.gambling_bps > 0) == (life == "lenders", life == "gambling")
    assert (found.below_zero_30d > 10 and found.returned_90d > 1) == (life == "overdrawn")
    own_bank.end(access)
    own_bank.end(access)
    with pytest.raises(ConsentNeeded):
        own_bank.read(access, currency="GBP", since=SINCE)


def test_the_sandbox_s_bank_says_no_for_who_says_no(own_bank):
    own_bank.health()
    visit = begin(own_bank, "DK")
    with pytest.raises(NotConnected):
        own_bank.finish(handle=visit.handle)
    assert at_the_test_bank(visit, "salary", "no").startswith(f"{BACK}?state=s1")
    with pytest.raises(NotConnected):
        own_bank.finish(handle=visit.handle)
    with pytest.raises((SourceRefused, ConsentNeeded)):
        own_bank.finish(handle="link-of-nobody")


def test_the_sandbox_s_bank_fails_for_who_chose_that(own_bank):
    visit = begin(own_bank)
    at_the_test_bank(visit, "failing")
    access = own_bank.finish(handle=visit.handle)
    assert own_bank.balance(access, currency="GBP") == 145_000
    with pytest.raises(SourceUnavailable):
        own_bank.read(access, currency="GBP", since=SINCE)


def test_weekly_wages_in_another_country_s_money(own_bank):
    visit = begin(own_bank, "DK")
    at_the_test_bank(visit, "weekly")
    told = own_bank.read(own_bank.finish(handle=visit.handle), currency="DKK", since=SINCE)
    found = sum_up(told.movements, balances=told.balances, until=TODAY)
    assert found.income_minor in {4 * 520_000, 5 * 520_000}
    assert date.min < min(one.on for one in told.movements) >= TODAY - timedelta(days=200)
