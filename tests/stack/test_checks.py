"""What an installation must have: each fault is named, nothing starts with one, and live knows nothing of the sandbox."""

import base64
import os
import re
import shlex
import subprocess
import sys
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from bnpl import checks, env
from bnpl.env import KNOWN, ROOT
from brands.services import change_brand
from core import remote, twilio_client
from core.clock import now
from core.errors import Invalid, NotFound
from core.providers import list_providers
from payments.gateways import connect, forget
from payments.gateways.base import Cards
from sandbox.__main__ import options_from
from sandbox.companies.gateway import events as gateway_events
from sandbox.companies.twilio import protocol as twilio_protocol
from tests.brands.cast import make_bank

PEPPER = base64.b64encode(bytes(range(32))).decode()
KEY = base64.b64encode(bytes(range(32, 64))).decode()
ZEROS = base64.b64encode(bytes(32)).decode()
# Everything that a live installation needs.
LIVE = {
    "BNPL_MODE": "live",
    "BNPL_SECRET_KEY": "8N3xqk1V0dYw7tZr5mBfJ2hLgPsAeUcQ9iRoTyKvWlXbMzCn4jHE6DaFpG",
    "BNPL_FIELD_KEYS": f"k1:{KEY}",
    "BNPL_LOOKUP_KEYS": f"p1:{PEPPER}",
    "BNPL_BASE_URL": "https://pay.lender.example",
    "BNPL_ALLOWED_HOSTS": "pay.lender.example",
    "DATABASE_URL": "postgresql://bnpl:secret@db.internal/bnpl",
    "REDIS_URL": "redis://cache.internal:6379/0",
    "BNPL_GATEWAY": "stripe",
    "BNPL_VERIFICATION": "twilio",
    "BNPL_SMS": "twilio",
    "STRIPE_SECRET_KEY": "sk_live_abc",
    "STRIPE_WEBHOOK_SECRET": "whsec_abc",
    "TWILIO_ACCOUNT_SID": "AC1",
    "TWILIO_AUTH_TOKEN": "t",
    "TWILIO_VERIFY_SERVICE": "VA1",
    "TWILIO_FROM": "+15005550006",
    "BNPL_IDENTITY": "http",
    "IDENTITY_URL": "https://kyc.example",
    "IDENTITY_KEY": "i",
    "BNPL_BUREAU": "http",
    "BUREAU_URL": "https://bureau.example",
    "BUREAU_KEY": "b",
    "BUREAU_NAME": "Bureau Inc.",
    "BUREAU_ADDRESS": "1 Main Street, Albany, NY 12207",
    "BUREAU_PHONE": "+1 518-555-0100",
    "EMAIL_URL": "smtps://user:password@mail.lender.example:465",
    "EMAIL_FROM": "no-reply@lender.example",
    "BRAND_NAME": "lender",
    "BRAND_LEGAL_NAME": "Lender Inc.",
    "BRAND_ADDRESS": "12 Main Street, Albany, NY 12207",
    "BRAND_SUPPORT_EMAIL": "help@lender.example",
    "BRAND_SUPERVISION": "Licensed lender 7, New York State Department of Financial Services",
}


def environment(variables: dict[str, str]) -> dict[str, str]:
    """Return what a process is given: these variables and this machine's, without settings and what tests set for themselves."""
    own = ("PYTEST", "DJANGO_ALLOW_ASYNC_UNSAFE")
    kept = {key: value for key, value in os.environ.items() if key not in KNOWN and not key.startswith(own)}
    return kept | {"BNPL_NO_VENV": "1", "BNPL_VAR": "/nonexistent", "DJANGO_SETTINGS_MODULE": "bnpl.settings"} | variables


def run(variables: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, env=environment(variables), capture_output=True, text=True, check=False, timeout=120)


def found(variables: dict[str, str]) -> list[tuple[str, str]]:
    """Return (number, setting) of the faults in a process with these variables."""
    code = """
import django; django.setup()
from bnpl import checks
for fault in checks.faults():
    print(fault.id, fault.msg.split()[0])
"""
    done = run(variables, sys.executable, "-c", code)
    assert done.returncode == 0, done.stderr
    return [tuple(line.split()) for line in done.stdout.splitlines()]


def test_a_sandbox_needs_nothing():
    assert checks.faults() == []
    assert [fault for fault in run_checks() if fault.id and fault.id.startswith("bnpl.")] == []
    assert found({}) == []


def test_a_live_installation_with_the_defaults_of_a_sandbox_names_every_one_of_them():
    assert found({"BNPL_MODE": "live"}) == [
        ("bnpl.E002", "BNPL_BASE_URL"),
        ("bnpl.E011", "BNPL_SECRET_KEY"),
        ("bnpl.E012", "BNPL_FIELD_KEYS"),
        ("bnpl.E012", "BNPL_LOOKUP_KEYS"),
        ("bnpl.E013", "BNPL_ALLOWED_HOSTS"),
        ("bnpl.E014", "DATABASE_URL"),
        ("bnpl.E014", "REDIS_URL"),
        ("bnpl.E020", "BNPL_GATEWAY"),
        ("bnpl.E020", "BNPL_VERIFICATION"),
        ("bnpl.E020", "BNPL_SMS"),
        ("bnpl.E020", "BNPL_IDENTITY"),
        ("bnpl.E020", "BNPL_BUREAU"),
        ("bnpl.E025", "EMAIL_URL"),
        ("bnpl.E026", "BRAND_NAME"),
        ("bnpl.E026", "BRAND_LEGAL_NAME"),
        ("bnpl.E026", "BRAND_ADDRESS"),
        ("bnpl.E026", "BRAND_SUPPORT_EMAIL"),
        ("bnpl.E026", "BRAND_SUPERVISION"),
        ("bnpl.E026", "EMAIL_FROM"),
    ]


def roles(url: str) -> dict[str, str]:
    """Return a role of a database as the settings hold it."""
    parts = urlsplit(url)
    return {"USER": parts.username or "", "PASSWORD": parts.password or ""} if url else {}


@pytest.fixture
def live(monkeypatch, settings):
    """An installation in which everything that can be set is set; give what changes one thing of it."""

    def change(**changes: str) -> list[str]:
        given = LIVE | changes
        for name in KNOWN:
            monkeypatch.delenv(name, raising=False)
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(env, "stack_values", dict)
        settings.MODE, settings.SANDBOX, settings.TESTING = given["BNPL_MODE"], False, bool(given.get("BNPL_TESTING"))
        settings.SECRET_KEY, settings.FIELD_KEYS = given["BNPL_SECRET_KEY"], given["BNPL_FIELD_KEYS"]
        settings.SECRET_KEY_FALLBACKS = [key for key in given.get("BNPL_SECRET_KEYS_BEFORE", "").split(",") if key]
        settings.BASE_URL, settings.ALLOWED_HOSTS = given["BNPL_BASE_URL"], given["BNPL_ALLOWED_HOSTS"].split(",")
        settings.AUDITORS = given.get("BNPL_AUDITORS", "a@firm.example").split(",")
        settings.TRUSTED_PROXIES = given.get("BNPL_TRUSTED_PROXIES", "1")
        settings.PROVIDER_VALUES = settings.PROVIDER_VALUES | {"STRIPE_SECRET_KEY": given["STRIPE_SECRET_KEY"]}
        monkeypatch.setitem(settings.DATABASES, "default", settings.DATABASES["default"] | roles(given["DATABASE_URL"]))
        settings.DATABASE_OWNER = roles(given.get("DATABASE_OWNER_URL", ""))
        settings.DEBUG, settings.REHEARSAL = False, bool(given.get("BNPL_REHEARSAL"))
        return [fault.id for fault in checks.faults()]

    return change


def test_what_can_be_set_is_enough(live):
    assert live() == []
    assert found(LIVE) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"BNPL_MODE": "Live"}, "bnpl.E001"),
        ({"BNPL_MODE": "production"}, "bnpl.E001"),
        ({"BNPL_BASE_URL": "http://pay.lender.example"}, "bnpl.E002"),
        ({"BNPL_BASE_URL": "https://pay.lender.example/x"}, "bnpl.E002"),
        ({"BNPL_TRUSTED_PROXIES": "the proxy"}, "bnpl.E003"),
        ({"BNPL_AUDITORS": "audit@firm.example,firm"}, "bnpl.E035"),
        ({"BNPL_FIELD_KEYS": "k1"}, "bnpl.E004"),
        ({"BNPL_FIELD_KEYS": "k1:c2hvcnQ="}, "bnpl.E004"),
        ({"BNPL_FIELD_KEYS": f"k1:{KEY},k1:{KEY}"}, "bnpl.E004"),
        ({"BNPL_FIELD_KEYS": f"k1:{KEY}="}, "bnpl.E004"),
        ({"BNPL_GATEWAY": "strype"}, "bnpl.E005"),
        ({"BNPL_VERIFICATION": "twillio"}, "bnpl.E005"),
        ({"BNPL_SMS": "Twilio"}, "bnpl.E005"),
        ({"BNPL_TESTING": "1"}, "bnpl.E010"),
        ({"BNPL_SECRET_KEY": "sandbox-only-key-" + "k" * 40}, "bnpl.E011"),
        ({"BNPL_SECRET_KEY": "short"}, "bnpl.E011"),
        ({"BNPL_SECRET_KEY": "a" * 60}, "bnpl.E011"),
        ({"BNPL_SECRET_KEYS_BEFORE": "sandbox-only-key-" + "k" * 40}, "bnpl.E031"),
        ({"BNPL_SECRET_KEYS_BEFORE": f"{LIVE['BNPL_SECRET_KEY'][::-1]},short"}, "bnpl.E031"),
        ({"STRIPE_WEBHOOK_SECRET": KNOWN["SANDBOX_EVENTS_SECRET"]}, "bnpl.E032"),
        ({"TWILIO_AUTH_TOKEN": "sandbox_twilio_token"}, "bnpl.E032"),
        ({"IDENTITY_KEY": "sandbox_gateway_key"}, "bnpl.E032"),
        ({"BUREAU_KEY": "sandbox_gateway_key"}, "bnpl.E032"),
        ({"BNPL_FIELD_KEYS": ""}, "bnpl.E012"),
        ({"BNPL_LOOKUP_KEYS": ""}, "bnpl.E012"),
        ({"BNPL_FIELD_KEYS": f"k1:{ZEROS}"}, "bnpl.E012"),
        ({"BNPL_LOOKUP_KEYS": f"p2:{PEPPER},p1:{ZEROS}"}, "bnpl.E012"),
        ({"IDENTITY_URL": "http://kyc.example"}, "bnpl.E028"),
        ({"BUREAU_COUNTRIES": "DK, SE"}, "bnpl.E034"),
        ({"BUREAU_URL": "http://127.0.0.1.example/v1"}, "bnpl.E028"),
        ({"BNPL_LOOKUP_KEYS": "p1"}, "bnpl.E004"),
        ({"BNPL_LOOKUP_KEYS": f"p1:{KEY}"}, "bnpl.E027"),
        ({"BNPL_ALLOWED_HOSTS": "*"}, "bnpl.E013"),
        ({"BNPL_ALLOWED_HOSTS": "www.lender.example"}, "bnpl.E013"),
        ({"DATABASE_URL": ""}, "bnpl.E014"),
        ({"REDIS_URL": "cache.internal:6379"}, "bnpl.E037"),
        ({"STRIPE_SECRET_KEY_FILE": "LICENSE"}, "bnpl.E038"),
        ({"STRIPE_API_BASE_FILE": os.devnull}, "bnpl.E038"),
        ({"BNPL_GATEWAI": "stripe"}, "bnpl.E039"),
        ({"BNPL_LOOKUP_KEY_FILE": "keys"}, "bnpl.E039"),
        ({"DATABASE_URL": "postgresql://bnpl_app:bnpl_app@postgres:5432/bnpl"}, "bnpl.E029"),
        ({"DATABASE_URL": "postgresql://ada:ada@db.internal/bnpl"}, "bnpl.E029"),
        ({"DATABASE_OWNER_URL": "postgresql://bnpl:bnpl@postgres:5432/bnpl"}, "bnpl.E029"),
        ({"BNPL_GATEWAY": "sandbox"}, "bnpl.E020"),
        ({"BNPL_VERIFICATION": "sandbox"}, "bnpl.E020"),
        ({"BNPL_SMS": "sandbox"}, "bnpl.E020"),
        ({"STRIPE_WEBHOOK_SECRET": ""}, "bnpl.E021"),
        ({"TWILIO_FROM": ""}, "bnpl.E021"),
        ({"STRIPE_SECRET_KEY": "sk_test_abc"}, "bnpl.E023"),
        ({"STRIPE_API_BASE": "http://127.0.0.1:8002"}, "bnpl.E024"),
        ({"BNPL_REHEARSAL": "1", "STRIPE_API_BASE": "http://127.0.0.1:8002", "TWILIO_API_BASE": "http://127.0.0.1:8002"}, "bnpl.E023"),
        ({"BNPL_REHEARSAL": "1", "STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_API_BASE": "http://127.0.0.1:8002"}, "bnpl.E024"),
        ({"EMAIL_URL": "mail.lender.example"}, "bnpl.E025"),
        ({"EMAIL_URL": "smtp://user:password@mail.lender.example:port"}, "bnpl.E025"),
        ({"BUREAU_HIGHEST_SCORE": "high"}, "bnpl.E036"),
        ({"BRAND_LEGAL_NAME": "Kvart Finance Inc."}, "bnpl.E026"),
        ({"BRAND_SUPERVISION": ""}, "bnpl.E026"),
    ],
)
def test_each_mistake_has_its_own_fault(live, changes, fault):
    assert live(**changes) == [fault]
    told = next(one for one in checks.faults() if one.id == fault)
    assert told.msg.split()[0] in {*KNOWN, *changes, "DEBUG"}
    assert told.hint


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("BNPL_CALLS_IN_FLIGHT", "many", "BNPL_CALLS_IN_FLIGHT is 'many'.\n      Set it to a whole number, 1 or more."),
        ("BNPL_CALLS_IN_FLIGHT", "0", "BNPL_CALLS_IN_FLIGHT is '0'.\n      Set it to a whole number, 1 or more."),
        ("BNPL_KEEP_CODES_DAYS", "-3", "BNPL_KEEP_CODES_DAYS is '-3'.\n      Set it to a whole number, 0 or more."),
        (
            "DATABASE_URL",
            "here it is",
            "DATABASE_URL is no address of a database.\n      Set it to postgresql://user:password@host:5432/database",
        ),
        ("STRIPE_SECRET_KEY_FILE", "/missing", "STRIPE_SECRET_KEY_FILE cannot be read (No such file or directory): /missing"),
    ],
)
def test_a_variable_that_cannot_be_read_is_named_without_a_traceback(variable, value, told):
    given = {name: text for name, text in LIVE.items() if name != variable.removesuffix("_FILE")} | {variable: value}
    done = run(given, sys.executable, "manage.py", "check", "--deploy")
    assert done.returncode == 1
    assert done.stderr.startswith(f"This installation does not start:\n  {told}")


def test_every_secret_of_the_sandbox_is_known_as_published():
    assert {gateway_events.DEFAULT_SECRET, twilio_protocol.TOKEN, options_from([])[0].key} <= env.PUBLISHED
    shown = re.findall(rf"(?:{'|'.join(env.SECRETS)})=(\S+)", (ROOT / "docs/guides/installation.md").read_text())
    assert {value for value in shown if "..." not in value} <= env.PUBLISHED
    kept = {one.variable for provider in list_providers() for one in provider.settings if one.secret}
    assert kept - {"", "SANDBOX_KEY", "MAIL_PASSWORD"} == set(env.SECRETS)


REHEARSED = """
import os
import django; django.setup()
from bnpl import checks
from payments.gateways.base import require_secret
print([fault.id for fault in checks.faults()], require_secret(os.environ["STRIPE_WEBHOOK_SECRET"]))
"""


def test_the_rehearsal_of_the_guide_starts_and_takes_events():
    """The variables stand in the guide; the secret of events is the one that the stand-in answers with, or the published one."""
    text = (ROOT / "docs/guides/installation.md").read_text()
    block = next(block for block in text.split("\n\n") if block.lstrip().startswith("BNPL_REHEARSAL=1"))
    given = dict(pair.split("=", 1) for pair in shlex.split(block))
    for secret in ("whsec_its_own", KNOWN["SANDBOX_EVENTS_SECRET"]):
        done = run(LIVE | given | {"STRIPE_WEBHOOK_SECRET": secret}, sys.executable, "-c", REHEARSED)
        assert done.stdout.strip() == f"[] {secret}", done.stderr


def test_live_takes_no_event_that_is_signed_by_a_published_secret():
    code = REHEARSED.split("print", maxsplit=1)[0] + f"require_secret({KNOWN['SANDBOX_EVENTS_SECRET']!r})"
    assert "Unauthenticated" in run(LIVE, sys.executable, "-c", code).stderr


def test_each_brand_of_a_live_installation_says_who_lends_where_and_under_whom(live, db, monkeypatch):
    monkeypatch.setattr(checks, "connection", SimpleNamespace(close=lambda: None))
    assert checks.brand_faults() == []
    make_bank(supervision="")
    live()
    change_brand(code="main", changes={"supervision": "Licensed lender 7"}, actor="test", at=now())
    assert [(fault.id, fault.msg) for fault in checks.brand_faults()] == [
        ("bnpl.E030", "Brand bank, supervision: A live installation needs this."),
        ("bnpl.E030", "Brand bank, domain: A live installation needs the host of a public site, reached by https."),
    ]
    with pytest.raises(SystemExit, match=r"manage\.py brand bank --set supervision="):
        checks.require_fit()
    with pytest.raises(Invalid) as refused:
        change_brand(code="bank", changes={"domain": "pay.fjordbank.example"}, actor="test", at=now())
    assert list(refused.value.fields) == ["supervision"]
    changes = {"domain": "pay.fjordbank.example", "texts": {"en": {"supervision": "Supervised by Finanstilsynet"}}}
    change_brand(code="bank", changes=changes, actor="test", at=now())
    assert checks.brand_faults() == []
    checks.require_fit()


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9000", "http://translator:8080/v1", "https://kyc.example/v1", "http://localhost:9000"]
)
def test_a_service_beside_the_platform_may_be_called_plainly(live, address):
    assert live(IDENTITY_URL=address, BUREAU_URL=address) == []


@pytest.mark.parametrize("file", ["docker-compose.yml", "docs/guides/installation.md"])
def test_no_password_of_a_database_that_is_written_here_goes_live(live, file):
    text = (ROOT / file).read_text()
    shown = re.findall(r"postgresql://\w+:(\w+)@", text) + re.findall(r"POSTGRES_PASSWORD: (\w+)", text)
    shown += re.findall(r"PASSWORD '(\w+)'", text)
    assert shown
    for password in shown:
        assert live(DATABASE_URL=f"postgresql://somebody:{password}@db.internal/bnpl") == ["bnpl.E029"], password


def test_debug_is_a_fault(live, settings):
    live()
    settings.DEBUG = True
    assert "bnpl.E010" in [fault.id for fault in checks.faults()]


@pytest.mark.parametrize(
    "command",
    [
        ("-m", "gunicorn", "--bind", "127.0.0.1:0"),
        ("-m", "celery", "-A", "bnpl", "worker", "--pool", "threads"),
        ("-m", "celery", "-A", "bnpl", "beat"),
        ("manage.py", "migrate"),
        ("manage.py", "check"),
    ],
    ids=["web", "worker", "beat", "migrate", "check"],
)
def test_nothing_starts_with_a_fault(command, tmp_path):
    done = run(LIVE | {"BNPL_VAR": str(tmp_path), "BNPL_VERIFICATION": "sandbox", "CELERY_SKIP_CHECKS": "1"}, sys.executable, *command)
    assert done.returncode != 0
    told = done.stdout + done.stderr
    assert told.count("BNPL_VERIFICATION is the sandbox's provider of one-time codes") == 1
    assert "Set it to one of: twilio" in told
    assert "Traceback" not in told


def test_a_whole_live_installation_has_nothing_left_to_do(tmp_path):
    done = run(LIVE | {"BNPL_VAR": str(tmp_path)}, sys.executable, "manage.py", "check", "--deploy")
    assert (done.returncode, "no issues" in done.stdout + done.stderr) == (0, True), done.stderr


def test_live_has_no_way_to_the_sandbox_world(settings):
    settings.SANDBOX = False
    forget()
    for way in (remote.sandbox, lambda: twilio_client.sandbox_client("sandbox-sms")):
        with pytest.raises(ImproperlyConfigured):
            way()
    with pytest.raises(NotFound):
        connect("sandbox", Cards)


def test_doors_of_the_sandbox_do_not_exist_in_live(db):
    code = """
import django; django.setup()
from django.test import Client
client = Client(HTTP_HOST="pay.lender.example")
api = "/api/v1/sandbox"
print(client.post("/gateways/sandbox/events", secure=True).status_code)
for path in (f"{api}/checkouts/chk_1/complete", f"{api}/clock", f"{api}/gateway/charges"):
    print(client.get(path, secure=True).status_code, client.post(path, secure=True).status_code)
page = client.get("/api/docs/", secure=True).content.decode()
print("111111" in page, "sandbox/clock" in page, "sandbox-guide" in page)
"""
    database = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}
    done = run(LIVE | database | {"BNPL_TESTING": "1"}, sys.executable, "-c", code)
    assert done.stdout.split() == ["404"] * 7 + ["False"] * 3, done.stderr
