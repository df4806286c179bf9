"""JSON over HTTP to outside services; a failed call is either refused or unknown.

Connections are pooled and kept alive, and may be used by many threads. A call that times out, loses its connection, or gets 5xx or 429 is
`Unknown`: it may have happened. Any other 4xx is `Refused`: it did not happen.
"""

import json
import os
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

import requests
from django.conf import settings
from django.db import connection
from requests.adapters import HTTPAdapter

from core.modes import require_sandbox
from core.provider_calls import KEYS_REFUSED, Call, measured

T = TypeVar("T")
POOL = 64
CONNECT_TIMEOUT_S = 3.0
NO_CONTENT = 204
COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


class Unknown(Exception):
    """The service gave no answer, or none that can be read: the request may have been carried out or not.

    `status` is that of the answer, 0 without one.
    """

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Refused(Exception):
    """The service refused the request; `body` says why."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {body.get('error') or body}")
        self.status = status
        self.body = body


class Remote:
    """One service at a base address, called with a bearer key, or with other headers that say who asks.

    An answer with characters that no database takes is unreadable; a service that `mends` reads a question mark for each.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        account: str = "sandbox",
        timeout_s: float = 10.0,
        headers: Mapping[str, str] | None = None,
        mends: bool = False,
    ) -> None:
        self._account, self._mends = account, mends
        self._base_url = base_url.rstrip("/")
        self._timeout = (CONNECT_TIMEOUT_S, timeout_s)
        self._session = requests.Session()
        self._session.headers.update(headers or {"Authorization": f"Bearer {key}"})
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_connections=4, pool_maxsize=POOL))

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Ask for an object; Unknown or Refused."""
        return self.send("GET", path, params=params)[1]

    def post(self, path: str, body: Mapping[str, Any] | list[Any], *, key: str = "") -> dict[str, Any]:
        """Post a request, with an idempotency key where there is one; Unknown or Refused."""
        return self.send("POST", path, body=body, key=key)[1]

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        key: str = "",
        form: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        headers: Mapping[str, str] | None = None,
        accept: tuple[int, ...] = (),
    ) -> tuple[int, dict[str, Any]]:
        """Send a request, with a body in JSON or a `form`, and return status and body; a 4xx that is not in `accept` is Refused.

        `files` go with the form, by the field's name: a file name, its content, and the content's type.

        What is accepted does not count as a failure of the provider, such as the 401 for a token that has expired.
        `headers` come beside the service's own, or in place of them.
        """
        refuse_inside_transaction(path)
        headers = {**(headers or {}), **({"Idempotency-Key": key} if key else {})}
        with measured(self._account) as call:
            status, content = self._sent(call, accept, method, path, params=params, json=body, data=form, files=files, headers=headers)
        if status >= 400 and status not in accept:
            raise Refused(status, content)
        return status, content

    def _sent(self, call: Call, accept: tuple[int, ...], method: str, path: str, **how: Any) -> tuple[int, dict[str, Any]]:
        try:
            answer = self._session.request(method, self._base_url + path, timeout=self._timeout, **how)
            call.answered(answer.status_code, keys_refused=set(KEYS_REFUSED) - set(accept))
            content = {} if answer.status_code == NO_CONTENT else _storable(answer.json(), mends=self._mends)
        except (requests.RequestException, ValueError, RecursionError) as error:
            raise Unknown(f"{method} {path}: {error!r}") from error
        if answer.status_code >= 500 or answer.status_code == 429 or not isinstance(content, dict):
            raise Unknown(f"{method} {path}: {answer.status_code}", answer.status_code)
        return answer.status_code, content


def _storable(content: Any, *, mends: bool) -> Any:
    """Return an answer whose texts can be stored: without NUL or half of a surrogate pair; ValueError if there are any, unless it `mends`.

    It is written out again and searched as a whole, which is quicker than looking at each text, and whatever encoding it came in.
    """
    told = json.dumps(content, ensure_ascii=False)
    clean = _NUL.sub(r"\1?", told.encode(errors="replace").decode())
    if clean == told:
        return content
    if not mends:
        raise ValueError("a text that cannot be stored")
    return json.loads(clean)


def refuse_inside_transaction(path: str) -> None:
    """Fail in tests if a provider is called inside a unit of work, because its locks would be held until the provider answers."""
    if settings.TESTING and hasattr(connection, "unit_depth") and connection.unit_depth:
        raise RuntimeError(f"{path} is called inside a transaction")


@cache
def _remote(base_url: str, key: str, account: str, _pid: int) -> Remote:
    return Remote(base_url, key, account=account)


def sandbox(account: str = "sandbox") -> Remote:
    """Return this process's connection to the sandbox world, for one of its accounts; a live installation has none."""
    require_sandbox()
    return _remote(settings.SANDBOX_URL, settings.SANDBOX_KEY, account, os.getpid())


def read_countries(remote: Remote, path: str) -> frozenset[str]:
    """Return the countries (ISO 3166-1, two letters) that a provider says it serves, as `{"data": ["DK", "US"]}`; empty if it names none.

    A provider without this endpoint answers 404, or something unreadable. TypeError for a list of anything but texts.
    """
    try:
        status, content = remote.send("GET", path, accept=(404,))
    except Unknown:
        return frozenset()
    told = [] if status == 404 else content["data"]
    if not isinstance(told, list) or not all(isinstance(one, str) and COUNTRY.fullmatch(one) for one in told):
        raise TypeError("countries are codes of two letters")
    return frozenset(told)


def understood(call: Callable[[], T], *, otherwise: type[Exception]) -> T:
    """Return a provider's answer; raise `otherwise` if the provider refuses, does not answer, or answers unreadably."""
    try:
        return call()
    except (Unknown, Refused) as error:
        raise otherwise(type(error).__name__) from error
    except (LookupError, TypeError) as error:
        raise otherwise("an answer that cannot be read") from error
