"""The demo shop as a process of its own, beside real processes of the platform; and a customer who acts like a browser."""

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import requests

from bnpl.env import ROOT
from stack import programs
from stack.ports import answers, free_port
from stack.program import Program
from stack.supervisor import Supervisor
from tests.shops import make_key, open_shop

SHOP = ROOT / "examples" / "shop"


@pytest.fixture
def storefront() -> Iterator[None]:
    """Let a test import the shop's own modules, as its process does."""
    sys.path.insert(0, str(SHOP))
    yield
    sys.path.remove(str(SHOP))


@dataclass
class Street:
    """A platform and the shop on this test's database; `key` is the secret key of Nordlys Lamps."""

    spawn: Callable[..., Supervisor]
    env: dict[str, str]
    folder: Path
    key: str
    web_port: int = field(default_factory=free_port)
    shop_port: int = field(default_factory=free_port)
    running: dict[str, Supervisor] = field(default_factory=dict)

    @property
    def api(self) -> str:
        return f"http://localhost:{self.web_port}"

    @property
    def url(self) -> str:
        return f"http://localhost:{self.shop_port}"

    def _env(self) -> dict[str, str]:
        return self.env | {"BNPL_BASE_URL": self.api, "BNPL_SHOP_URL": self.url, "SHOP_API_BASE": self.api, "SHOP_URL": self.url}

    def start(self, *names: str) -> None:
        made = {"web": self._web, "worker": self._worker, "shop": self._shop}
        for name in names:
            self.running[name] = self.spawn(made[name]())

    def stop(self, name: str) -> None:
        self.running.pop(name).stop()

    def _web(self) -> Program:
        return programs.web(self.web_port, self._env())

    def _worker(self) -> Program:
        return programs.worker("worker-1", self._env())

    def _shop(self) -> Program:
        argv = (sys.executable, str(SHOP / "shop.py"), "--port", str(self.shop_port), "--demo-json", str(self.folder / "shop.json"))
        return Program(name="shop", argv=argv, env=self._env(), cwd=self.folder, is_up=lambda _run: answers(self.shop_port))

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Call the platform with the merchant's key and return the answer."""
        headers = {"Authorization": f"Bearer {self.key}"}
        answer = requests.request(method, f"{self.api}/api/v1/{path}", json=body, headers=headers, timeout=60)
        assert answer.ok, answer.text
        return answer.json()

    def complete(self, checkout_id: str, email: str = "anna+approve@people.example", product: str = "pay_in_4") -> dict[str, Any]:
        """Finish a checkout as its consumer would."""
        body = {"email": email, "product": product, "card": "4242 4242 4242 4242"}
        return self.call("POST", f"sandbox/checkouts/{checkout_id}/complete", body)


@pytest.fixture
def street(transactional_db, buy, spawn, process_env, tmp_path) -> Street:
    """Two shops with keys, and no process of them yet; `buy` resets the sandbox."""
    merchants = [open_shop(name="Nordlys Lamps"), open_shop("DK", name="Trailhead Outdoor")]
    keys = [{"name": m.name, "secret_key": make_key(m), "publishable_key": make_key(m, "publishable")} for m in merchants]
    (tmp_path / "shop.json").write_text(json.dumps({"merchants": keys}))
    return Street(spawn, process_env, tmp_path, keys[0]["secret_key"])


@dataclass
class Customer:
    """A customer with cookies, who fills in forms and follows redirects."""

    url: str
    session: requests.Session = field(default_factory=requests.Session)
    DETAILS = {
        "name": "Anna Lindholm",
        "email": "anna+approve@people.example",
        "line1": "410 Larch Street",
        "postal_code": "97205",
        "city": "Portland",
        "region": "OR",
    }

    def get(self, path: str) -> requests.Response:
        return self.session.get(path if path.startswith("http") else self.url + path, timeout=30)

    def post(self, path: str, **form: Any) -> requests.Response:
        return self.session.post(self.url + path, data=form, headers={"Origin": self.url}, timeout=60, allow_redirects=False)

    def pay(self, **changes: str) -> requests.Response:
        return self.post("/nordlys/pay", **self.DETAILS | changes)

    def text(self, path: str) -> str:
        """Return a page's text."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


@pytest.fixture
def customer(street) -> Customer:
    return Customer(street.url)


def wait_for(check: Callable[[], Any], within_s: float = 40) -> Any:
    """Return a check's result as soon as it is true; fail where it stays false."""
    stop = time.monotonic() + within_s
    while True:
        found = check()
        if found:
            return found
        assert time.monotonic() < stop, "it did not come in time"
        time.sleep(0.2)
