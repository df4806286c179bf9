"""The programs of the demo, each with its command line: the only place for the flags of the workers."""

import contextlib
import http.client
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from stack.folders import Folders
from stack.paths import ROOT
from stack.ports import LOOPBACK, Ports, answers
from stack.program import Program, Run

MANAGE = (sys.executable, str(ROOT / "manage.py"))
WORKER = ("--pool", "threads", "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO")
LANES = ("money", "deliver", "outside", "figures")
WORKERS = {"worker-money": 4, "worker-deliver": 4, "worker-outside": 12, "worker-figures": 1}
"""The number of threads of each worker, by its name; the name ends in the lane that the worker serves."""


def manage(name: str, *command: str, env: Mapping[str, str], is_up: Callable[[Run], bool] = lambda _run: False) -> Program:
    """Describe a command of manage.py as a one-shot; unless `is_up` says otherwise, it counts as up once it has ended."""
    return Program(name=name, argv=(*MANAGE, *command), env=env, cwd=ROOT, one_shot=True, is_up=is_up, start_s=600)


def sandbox(folders: Folders, port: int, base_url: str, env: Mapping[str, str]) -> Program:
    """Describe the sandbox, which stores its data in its own file."""
    argv = (
        *(sys.executable, "-m", "sandbox", "--host", LOOPBACK, "--port", str(port)),
        *("--db", str(folders.var / "sandbox.sqlite3"), "--events-url", f"{base_url}/gateways/sandbox/events", "--quiet"),
    )
    return Program(name="sandbox", argv=argv, env=env, cwd=ROOT, is_up=lambda _run: responds(port, "/control/health"))


def web(port: int, env: Mapping[str, str]) -> Program:
    """Describe the web server; `gunicorn.conf.py` says how it runs."""
    argv = (sys.executable, "-m", "gunicorn", "--bind", f"{LOOPBACK}:{port}")
    return Program(name="web", argv=argv, env=env, cwd=ROOT, is_up=lambda _run: responds(port, "/livez"))


def worker(name: str, env: Mapping[str, str], *, threads: int = 4) -> Program:
    """Describe a Celery worker: for the lane with which its name ends, or for all lanes."""
    lane = name.rpartition("-")[2]
    queues = lane if lane in LANES else ",".join(LANES)
    argv = (
        *(sys.executable, "-m", "celery", "-A", "bnpl", "worker", *WORKER),
        *("--concurrency", str(threads), "--queues", queues, "-n", f"{name}@%h"),
    )
    return Program(name=name, argv=argv, env=env, cwd=ROOT, is_up=_says(" ready."))


def beat(env: Mapping[str, str]) -> Program:
    """Describe Celery beat; the path of the schedule's file is in the settings."""
    argv = (sys.executable, "-m", "celery", "-A", "bnpl", "beat", "--loglevel", "INFO", "--pidfile", "")
    return Program(name="beat", argv=argv, env=env, cwd=ROOT, is_up=_says("beat: Starting"))


def shop(ports: Ports, keys: Path, env: Mapping[str, str]) -> Program:
    """Describe the demo shop, a separate program that knows only the public API."""
    argv = (sys.executable, str(ROOT / "examples" / "shop" / "shop.py"), "--port", str(ports.shop), "--demo-json", str(keys))
    shop_env = {**env, "SHOP_API_BASE": env["BNPL_BASE_URL"], "SHOP_URL": env["BNPL_SHOP_URL"]}
    return Program(name="shop", argv=argv, env=shop_env, cwd=ROOT, is_up=lambda _run: answers(ports.shop))


def responds(port: int, path: str) -> bool:
    """Return whether a web server answers, with any status."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", path)
        connection.getresponse().read()
        return True
    return False


def _says(words: str) -> Callable[[Run], bool]:
    return lambda run: words in run.logged()
