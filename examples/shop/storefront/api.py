"""A client of the platform's REST API, as far as this shop needs it."""

import logging
import time
from dataclasses import dataclass
from typing import Any, cast

import requests

TIMEOUT_S = (3.05, 20)
TRIES = 3
log = logging.getLogger("shop.api")


class ApiError(Exception):
    """The platform refused a call; `code` is stable, the text is for people."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code


class Unreachable(Exception):
    """The platform did not answer, so it is unknown whether it carried out the request."""


@dataclass(frozen=True, slots=True)
class Api:
    """The API with one account's secret key, for the host name of the account's brand, which need not resolve on this machine."""

    base: str
    secret_key: str
    host: str = ""

    def open_checkout(self, body: dict[str, Any], idempotency_key: str) -> dict[str, Any]:
        """Open a checkout; repeated with the same key and body, it returns the same checkout."""
        return self._call("POST", "checkouts", body=body, idempotency_key=idempotency_key)

    def get_checkout(self, checkout_id: str) -> dict[str, Any]:
        """Return a checkout."""
        return self._call("GET", f"checkouts/{checkout_id}")

    def find_order(self, merchant_reference: str) -> dict[str, Any] | None:
        """Return the order with our reference, or None if there is none (yet)."""
        found = self._call("GET", "orders", query={"merchant_reference": merchant_reference})["data"]
        return cast("dict[str, Any]", found[0]) if found else None

    def events_after(self, sequence: int, limit: int = 500) -> tuple[list[dict[str, Any]], bool]:
        """Return the account's events after a sequence number, in order, and whether there are more."""
        page = self._call("GET", "events", query={"after": sequence, "limit": limit})
        return page["data"], page["next_cursor"] is not None

    def list_endpoints(self) -> list[dict[str, Any]]:
        """Return the account's webhook endpoints."""
        return cast("list[dict[str, Any]]", self._call("GET", "webhook_endpoints")["data"])

    def create_endpoint(self, url: str) -> dict[str, Any]:
        """Make a webhook endpoint for all events; the answer contains its secret."""
        return self._call("POST", "webhook_endpoints", body={"url": url})

    def enable_endpoint(self, endpoint_id: str) -> dict[str, Any]:
        """Enable an endpoint again."""
        return self._call("PATCH", f"webhook_endpoints/{endpoint_id}", body={"disabled": False})

    def rotate_secret(self, endpoint_id: str) -> dict[str, Any]:
        """Give an endpoint a new secret; the answer contains it."""
        return self._call("POST", f"webhook_endpoints/{endpoint_id}/rotate_secret")

    def _call(
        self, method: str, path: str, *, body: dict[str, Any] | None = None, query: dict[str, Any] | None = None, idempotency_key: str = ""
    ) -> dict[str, Any]:
        """Call the API and return the answer. Safe calls are retried: reads, and writes with an idempotency key."""
        headers = {"Authorization": f"Bearer {self.secret_key}"}
        if self.host:
            headers["Host"] = self.host
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        tries = TRIES if method == "GET" or idempotency_key else 1
        for last in range(tries):
            if last:
                time.sleep(0.3 * last)
            try:
                answer = requests.request(
                    method, f"{self.base}/api/v1/{path}", json=body, params=query, headers=headers, timeout=TIMEOUT_S, allow_redirects=False
                )
            except requests.RequestException as error:
                log.warning("%s %s: %s", method, path, type(error).__name__)
                continue
            if answer.status_code < 500 and not _still_running(answer):
                return _read(answer)
        raise Unreachable(f"{method} {path} got no answer.")


def _still_running(answer: requests.Response) -> bool:
    return answer.status_code == 409 and _problem(answer).get("code") == "idempotency.in_progress"


def _read(answer: requests.Response) -> dict[str, Any]:
    if answer.ok:
        return cast("dict[str, Any]", answer.json())
    problem = _problem(answer)
    raise ApiError(answer.status_code, problem.get("code", ""), problem.get("detail", answer.reason))


def _problem(answer: requests.Response) -> dict[str, Any]:
    try:
        problem = answer.json()
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}
