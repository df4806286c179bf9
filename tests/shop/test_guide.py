"""The integration guide is true: every command in it is run as it stands, against a real platform."""

import json
import re
import shutil
import subprocess
import sys
from typing import Any

import pytest

from bnpl.env import ROOT
from stack.ports import answers, free_port
from stack.program import Program
from tests.shop.conftest import wait_for

GUIDE = (ROOT / "docs" / "guides" / "integrate.md").read_text()
COMMANDS = re.findall(r"^```sh\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
*SAMPLES, RECEIVER = re.findall(r"^```python\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not shutil.which("curl"), reason="no curl on this machine"),
]


def test_the_guide_can_be_followed_from_the_first_call_to_the_webhook(street, tmp_path):
    street.start("web")
    hooks = free_port()
    ids = {"chk_...": "", "ord_...": "", "localhost:5000": f"localhost:{hooks}"}

    def follow(command: str) -> Any:
        for name, real in ids.items():
            command = command.replace(name, real)
        env = {"API": street.api, "KEY": street.key, "PATH": "/usr/bin:/bin", "no_proxy": "*"}
        done = subprocess.run(["bash", "-ec", command], env=env, capture_output=True, text=True, timeout=120, check=True)
        answer = json.loads(done.stdout)
        assert "request_id" not in answer, answer
        return answer

    keys, quote, opened, found, complete, endpoint, events, *sending, clock = COMMANDS
    assert '["secret_key"]' in keys
    assert follow(quote)["plans"][0]["installments"][0]["amount"] == 5_725
    checkout = follow(opened)
    assert follow(opened) == checkout
    ids["chk_..."] = checkout["id"]

    made = follow(endpoint)
    (tmp_path / "hooks.py").write_text(RECEIVER.replace("5000", str(hooks)))
    argv = (sys.executable, "-u", str(tmp_path / "hooks.py"), made["secret"])
    run = street.spawn(Program(name="hooks", argv=argv, env=street.env, is_up=lambda _run: answers(hooks))).runs["hooks"]
    street.start("worker")

    order = follow(complete)["order"]
    ids["ord_..."] = order["id"]
    assert follow(found)["data"][0]["status"] == "authorized"
    for sample in SAMPLES:
        env = {"API": street.api, "KEY": street.key, "PATH": "/usr/bin:/bin", "no_proxy": "*"}
        done = subprocess.run([sys.executable, "-c", sample], env=env, capture_output=True, text=True, timeout=120, check=True)
        assert "request_id" not in done.stdout
    captures, refund = sending[0].strip().split("\n\n")
    assert follow(captures)["amount"] == 22_900
    assert follow(refund)["dry_run"] is True
    wait_for(lambda: "2 order.captured" in run.logged())
    assert "1 order.authorized {" in run.logged()
    assert [event["type"] for event in follow(events)["data"]] == ["order.authorized", "order.captured"]
    assert follow(clock)["now"] > order["created_at"]


def test_the_guide_names_every_event_type_and_persona_that_there_is():
    from webhooks.rules import EVENT_TYPES

    for name in EVENT_TYPES.values():
        assert f"`{name}`" in GUIDE, name
