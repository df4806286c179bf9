"""`manage.py demo` as a person meets it: one real start, kills in the middle, Ctrl-C, a quick second start."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import redis

from bnpl.env import KNOWN, ROOT
from stack.ports import free_port, is_free
from stack.processes import identify

pytestmark = pytest.mark.xdist_group("demo")
FIRST_START_S = 240
# 15 s on a machine of its own; other tests run beside this one.
LATER_START_S = 30


def environment(var: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key not in KNOWN and not key.startswith(("PYTEST", "DJANGO"))}
    return kept | {"BNPL_VAR": str(var), "BNPL_NO_VENV": "1"}


class Start:
    """One start of the demo, its output in a file."""

    def __init__(self, var: Path, base: int) -> None:
        self.var = var
        self.base = base
        self.output = var.parent / f"{time.monotonic_ns()}.out"
        self.began_at = time.monotonic()
        with self.output.open("w") as file:
            command = [sys.executable, "manage.py", "demo", "--port", str(base), "--consumers", "6"]
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment(var), stdout=file, stderr=subprocess.STDOUT, start_new_session=True
            )

    def ready(self, within_s: float) -> float:
        """Wait for the manifest; return the seconds it took."""
        while "Ready." not in self.output.read_text():
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() - self.began_at < within_s, self.output.read_text()
            time.sleep(0.1)
        return time.monotonic() - self.began_at

    @property
    def manifest(self) -> dict[str, Any]:
        return json.loads((self.var / "demo.json").read_text())

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


def four_free_ports() -> int:
    while True:
        base = free_port()
        if base < 65_000 and all(is_free(base + step) for step in range(4)):
            return base


def numbers(pids: dict[str, Any]) -> list[int]:
    return [pids["web"], *pids["workers"], pids["beat"], pids["sandbox"], pids["shop"]]


def status(url: str) -> int:
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.status


@pytest.fixture(scope="module")
def running() -> Iterator[dict[str, Start]]:
    """Give the start that goes on now; the tests of this file follow one story, in their order.

    Its folder is none of pytest's, which every other run on the machine shuts to the database's user when it begins.
    """
    with tempfile.TemporaryDirectory(prefix="bnpl-demo-", ignore_cleanup_errors=True) as folder:
        story = {"now": Start(Path(folder) / "var", four_free_ports())}
        story["now"].ready(FIRST_START_S)
        yield story
        story["now"].stop()


def test_the_manifest_has_the_form_that_scripts_rely_on(running):
    start = running["now"]
    manifest = start.manifest
    assert set(manifest) == {
        *("base_url", "shop_url", "admin_url", "sandbox_url", "database_url", "redis_url", "pids", "merchants", "operators", "consumers"),
        "brands",
    }
    assert manifest["base_url"].endswith(f":{start.base}")
    assert manifest["shop_url"].endswith(f":{start.base + 1}")
    assert manifest["redis_url"] == f"redis://127.0.0.1:{start.base + 3}/0"
    assert [identify(pid) is not None for pid in numbers(manifest["pids"])] == [True] * 8
    assert len(manifest["merchants"]) >= 2
    assert manifest["merchants"][0]["currency"] == "USD"
    for merchant in manifest["merchants"]:
        assert merchant["secret_key"].startswith("sk_sandbox_")
        assert merchant["publishable_key"].startswith("pk_sandbox_")
        assert set(merchant["login"]) == {"email", "password"}
    assert len(manifest["operators"]) >= 3
    assert manifest["consumers"]


def test_no_process_is_told_who_owns_the_tables(running):
    """An attacker inside of one of them has the application's rights and no more."""
    start = running["now"]
    assert (start.var / "owner.env").read_text().startswith("DATABASE_OWNER_URL=postgresql://postgres@")
    assert (start.var / "owner.env").stat().st_mode & 0o077 == 0
    assert "DATABASE_OWNER_URL" not in (start.var / "stack.env").read_text()
    for pid in numbers(start.manifest["pids"]):
        told = Path(f"/proc/{pid}/environ").read_bytes()
        assert b"DATABASE_URL=postgresql://bnpl@" in told
        assert b"DATABASE_OWNER_URL" not in told


def test_every_address_answers(running):
    manifest = running["now"].manifest
    for name in ("base_url", "shop_url", "admin_url", "sandbox_url"):
        assert status(manifest[name]) == 200, name
    assert redis.Redis.from_url(manifest["redis_url"]).ping()
    psycopg2.connect(manifest["database_url"]).close()


def test_a_command_in_another_terminal_finds_the_database(running):
    done = subprocess.run(
        [sys.executable, "manage.py", "check_books"],
        cwd=ROOT,
        env=environment(running["now"].var),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_second_start_is_told_of_the_first(running):
    again = Start(running["now"].var, running["now"].base)
    assert again.process.wait(20) == 1
    assert "already runs" in again.output.read_text()


def test_a_killed_worker_is_replaced_and_the_pids_say_so(running):
    start = running["now"]
    before = start.manifest["pids"]["workers"]
    os.kill(before[0], signal.SIGKILL)
    deadline = time.monotonic() + 20
    while before[0] in (now := start.manifest["pids"]["workers"]) or len(now) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert before[1] in now
    assert all(identify(pid) for pid in now)


def test_the_platform_works_again_soon_after_its_servers_were_killed(running):
    start = running["now"]
    programs = json.loads((start.var / "run" / "processes.json").read_text())["programs"]
    for name in ("postgres", "redis"):
        os.kill(next(one["pid"] for one in programs if one["name"] == name), signal.SIGKILL)
    deadline = time.monotonic() + 20
    while True:
        try:
            assert status(f"{start.manifest['base_url']}/readyz") == 200
            assert redis.Redis.from_url(start.manifest["redis_url"]).ping()
            break
        except (OSError, redis.RedisError):
            assert time.monotonic() < deadline
            time.sleep(0.2)


def test_ctrl_c_stops_every_process_and_the_next_start_is_quick_and_knows_all(running):
    start = running["now"]
    before = start.manifest
    assert start.stop() == 0
    assert [pid for pid in numbers(before["pids"]) if identify(pid)] == []
    assert [step for step in range(4) if not is_free(start.base + step)] == []
    running["now"] = Start(start.var, start.base)
    assert running["now"].ready(60) < LATER_START_S
    after = running["now"].manifest
    assert after["merchants"] == before["merchants"]
    assert status(after["base_url"]) == 200


def test_what_a_killed_supervisor_leaves_is_taken_over(running):
    start = running["now"]
    before = start.manifest
    start.process.kill()
    start.process.wait(5)
    running["now"] = Start(start.var, start.base)
    running["now"].ready(60)
    assert [pid for pid in numbers(before["pids"]) if identify(pid)] == []
    assert status(running["now"].manifest["base_url"]) == 200
