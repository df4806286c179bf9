"""A live installation, made by the deployment page's commands against servers that speak the providers' protocols, runs the whole story."""

import os
import shutil
import subprocess
import sys

import pytest
import requests

from stack.paths import ROOT
from tests.conftest import CHROMIUM
from tests.stack.test_checks import LIVE

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_live_installation_runs_the_whole_story(process_env, sandbox_world, settings, tmp_path):
    chromium = next((found for name in CHROMIUM if (found := shutil.which(name))), "")
    head = {"Authorization": "Bearer sk_test_sandbox"}
    account = requests.post(f"{sandbox_world}/stripe/v1/accounts", headers=head, timeout=10).json()["id"]
    base, _, query = os.environ["DATABASE_OWNER_URL"].partition("?")
    owner = f"{base.rpartition('/')[0]}/{settings.DATABASES['default']['NAME']}?{query}"
    own = {name: process_env[name] for name in ("DATABASE_URL", "REDIS_URL", "PATH") if name in process_env}
    stand_ins = {
        "BNPL_VAR": str(tmp_path),
        "BNPL_REHEARSAL": "1",
        "STRIPE_SECRET_KEY": "sk_test_sandbox",
        "STRIPE_API_BASE": f"{sandbox_world}/stripe",
        "TWILIO_API_BASE": sandbox_world,
        "TWILIO_ACCOUNT_SID": "AC" + "5a" * 16,
        "TWILIO_AUTH_TOKEN": "sandbox_twilio_token",
        "TWILIO_VERIFY_SERVICE": "VA" + "5a" * 16,
        "IDENTITY_KEY": "outside-key",
        "BUREAU_KEY": "outside-key",
        "DJANGO_SETTINGS_MODULE": "bnpl.settings",
        "BNPL_NO_VENV": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.live.story", account, chromium],
        cwd=ROOT, env=LIVE | own | stand_ins | {"DATABASE_OWNER_URL": owner}, capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    _, intent, paid = done.stdout.splitlines()[-1].split(maxsplit=2)
    assert intent.startswith("pi_")
    assert paid.startswith("$")
    held = requests.get(f"{sandbox_world}/stripe/v1/transfers", params={"destination": account}, headers=head, timeout=10).json()["data"]
    # For the purchase that the shop refunded in part, for the one that is paid on, and for the one that is not paid: that risk is ours.
    assert len(held) == 3
