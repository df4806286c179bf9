"""Makes `filled.sql.gz`, the database from which `test_upgrade.py` starts: run once at the schema that upgrades start from.

`python3 manage.py test tests/upgrade/keep_dump.py`
"""

import gzip
import os
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from accounts import services as accounts
from checkout import services as checkouts
from collection import services as collection
from core import timers
from core.db import execute
from stack.folders import Folders
from stack.postgres import Postgres
from tests.shops import make_key
from webhooks import services as webhooks

DUMP = Path(__file__).with_name("filled.sql.gz")


@pytest.mark.django_db(transaction=True)
def test_keep(buy, merchant, at):
    make_key(merchant)
    webhooks.create_endpoint(merchant=merchant, url="https://shop.example/hooks", events=[], actor="test", at=at)
    for number in range(6):
        order = buy(merchant, 22_900, email=f"anna{number}+approve@people.example", merchant_reference=f"R-{number}")
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=20_000, actor="test", at=at)
        collection.charge_plan_now(plan_id=order.plan_id, at=at)
        if number % 2:
            checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=8_000, reason="Too big", actor="test", at=at)
        accounts.open_request(consumer=order.consumer, kind="copy", text="A copy, please", at=at)
    buy(merchant, 120_000, merchant_reference="R-held")
    buy.open(merchant, 5_000, merchant_reference="R-open")
    for day in (0, 1, 3, 20, 40):
        timers.run_until_quiet(at=at + timedelta(days=day))
    execute("DELETE FROM django_session")
    known, binaries = connection.settings_dict, Postgres(Folders(Path(os.environ["BNPL_VAR"]))).binaries
    command = [
        str(binaries / "pg_dump"),
        "--no-owner",
        "--no-comments",
        "--schema=public",
        "-h",
        known["HOST"],
        "-U",
        "postgres",
        known["NAME"],
    ]
    dumped = subprocess.run(command, check=True, capture_output=True).stdout
    DUMP.write_bytes(gzip.compress(dumped, 9, mtime=0))
