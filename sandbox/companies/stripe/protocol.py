"""Stripe's conventions: keys, bracketed forms, errors, idempotency, expansion and lists."""

import base64
import binascii
import hashlib
import json
import re
import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from sandbox.message import Answer, Refused, Request, json_answer
from sandbox.world import World

Params = dict[str, Any]
Thing = dict[str, Any]
VERSION = "2026-10-28.endive"
MAX_KEY = 255
_ALPHABET = string.ascii_letters + string.digits
_EXPANDABLE = {
    "customer",
    "payment_method",
    "latest_charge",
    "charge",
    "payment_intent",
    "setup_intent",
    "balance_transaction",
    "source",
    "transfer",
    "dispute",
    "mandate",
}


@dataclass(slots=True)
class Call:
    """One API call."""

    world: World
    params: Params
    path: dict[str, str]

    @property
    def id(self) -> str:
        """The object that the path names."""
        return self.path["id"]

    def now_s(self) -> int:
        """Seconds since 1970 in sandbox time."""
        return self.world.clock.now_ms() // 1000


Endpoint = Callable[[Call], Thing | Answer]


def new_id(prefix: str) -> str:
    """An id that looks like Stripe's."""
    return f"{prefix}_1{''.join(secrets.choice(_ALPHABET) for _ in range(23))}"


def error_answer(status: int, kind: str, message: str, **extra: Any) -> Answer:
    """An error in Stripe's form; fields that are None are left out."""
    body = {"message": message, "type": kind, **{name: value for name, value in extra.items() if value is not None}}
    if "code" in body:
        body["doc_url"] = f"https://stripe.com/docs/error-codes/{str(body['code']).replace('_', '-')}"
    return json_answer({"error": body}, status)


def invalid(message: str, *, param: str | None = None, code: str | None = None, status: int = 400, **extra: Any) -> NoReturn:
    """Stop with an `invalid_request_error`; nothing is recorded."""
    raise Refused(error_answer(status, "invalid_request_error", message, param=param, code=code, **extra))


def missing(kind: str, public_id: str, param: str = "id") -> NoReturn:
    """Stop with `resource_missing`: 404 for the object of the path, 400 for one named in a parameter."""
    invalid(f"No such {kind}: '{public_id}'", param=param, code="resource_missing", status=404 if param == "id" else 400)


def required(params: Params, name: str) -> Any:
    """A required parameter."""
    if params.get(name) in (None, ""):
        invalid(f"Missing required param: {name}.", param=name, code="parameter_missing")
    return params[name]


def integer(params: Params, name: str) -> int:
    """A required positive integer."""
    text = required(params, name)
    if not isinstance(text, str) or not re.fullmatch(r"-?\d{1,15}", text, re.ASCII):
        invalid(f"Invalid integer: {text}", param=name, code="parameter_invalid_integer")
    if int(text) < 1:
        invalid("This value must be greater than or equal to 1.", param=name, code="parameter_invalid_integer")
    return int(text)


def flag(params: Params, name: str) -> bool:
    """A boolean parameter, false if it is missing."""
    return params.get(name) in ("true", "True", "1", "recurring", "one_off")


def only(params: Params, names: str) -> None:
    """Refuse parameters that the endpoint does not know; `names` are separated by spaces."""
    unknown = set(params) - set(names.split()) - {"expand"}
    if unknown:
        name = min(unknown)
        invalid(f"Received unknown parameter: {name}", param=name, code="parameter_unknown")


def nested(pairs: list[tuple[str, str]]) -> Params:
    """Bracketed names as nested dictionaries; `a[]` and `a[0]` become lists."""
    tree: Params = {}
    for name, value in pairs:
        head, _, rest = name.partition("[")
        steps = [head, *(part.rstrip("]") for part in rest.split("[") if rest)]
        if len(steps) > 12:
            invalid("Parameters are nested too deeply.", param=head)
        _put(tree, steps, value)
    return {name: _listed(value) for name, value in tree.items()}


def _put(tree: Params, steps: list[str], value: str) -> None:
    for step in steps[:-1]:
        below = tree.setdefault(step or str(len(tree)), {})
        if not isinstance(below, dict):
            invalid(f"Invalid parameter: {step}", param=step)
        tree = below
    tree[steps[-1] or str(len(tree))] = value


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(item) for name, item in value.items()}
    return list(inner.values()) if inner and all(name.isdigit() for name in inner) else inner


def endpoint(run: Endpoint) -> Callable[[World, Request], Answer]:
    """Make a handler for an endpoint: key, parameters, idempotency, expansion."""

    def handle(world: World, request: Request) -> Answer:
        _check_key(request)
        params = _params(request)
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        fingerprint = _fingerprint(request, params) if key else ""
        if key:
            replay = _replayed(world, key, fingerprint)
            if replay:
                return _with_headers(replay, key, replayed=True)
        outcome = run(Call(world, params, request.params))
        answer = outcome if isinstance(outcome, Answer) else json_answer(_shown(world, outcome, params))
        if key:
            sql = "INSERT INTO stripe_answers VALUES (?, ?, ?, ?)"
            world.store.run(sql, [key, fingerprint, answer.status, answer.body.decode()])
        return _with_headers(answer, key, replayed=False)

    return handle


def _check_key(request: Request) -> None:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            key = base64.b64decode(key).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            key = ""
    if not key.strip():
        message = "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth."
        raise Refused(error_answer(401, "invalid_request_error", message))
    if not key.startswith(("sk_test_", "rk_test_")):
        raise Refused(error_answer(401, "invalid_request_error", f"Invalid API Key provided: {key[:8]}****{key[-4:]}"))


def _params(request: Request) -> Params:
    try:
        text = request.query_string if request.method in ("GET", "DELETE") and request.query_string else request.body.decode()
        return nested(parse_qsl(text, keep_blank_values=True, max_num_fields=2000))
    except ValueError:
        invalid("The request body could not be read.")


def _fingerprint(request: Request, params: Params) -> str:
    account = request.headers.get("stripe-account", "")
    path = request.path.removeprefix("/stripe")
    return hashlib.sha256(json.dumps([path, account, params], sort_keys=True).encode()).hexdigest()


def _replayed(world: World, key: str, fingerprint: str) -> Answer | None:
    if len(key) > MAX_KEY:
        invalid(f"Keys for idempotent requests can be at most {MAX_KEY} characters long.")
    row = world.store.one("SELECT * FROM stripe_answers WHERE key = ?", key)
    if row is None:
        return None
    if row["fingerprint"] != fingerprint:
        message = (
            f"Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{key}' if you meant to execute a different request."
        )
        raise Refused(error_answer(400, "idempotency_error", message))
    return Answer(row["status"], row["body"].encode())


def _with_headers(answer: Answer, key: str | None, *, replayed: bool) -> Answer:
    headers = [("Request-Id", new_id("req")), ("Stripe-Version", VERSION)]
    if key and key.isascii() and key.isprintable():
        headers.append(("Idempotency-Key", key))
    if replayed:
        headers.append(("Idempotent-Replayed", "true"))
    answer.headers = (*answer.headers, *headers)
    return answer


def visible(thing: Thing) -> Thing:
    """An object without the sandbox's own fields (names that start with an underscore)."""
    return {name: visible(value) if isinstance(value, dict) else value for name, value in thing.items() if not name.startswith("_")}


def _shown(world: World, thing: Thing, params: Params) -> Thing:
    shown = visible(thing)
    wanted = params.get("expand") or []
    for path in wanted if isinstance(wanted, list) else [wanted]:
        if path.startswith("data.") and isinstance(shown.get("data"), list):
            for item in shown["data"]:
                _expand(world, item, path.removeprefix("data.").split("."))
        else:
            _expand(world, shown, path.split("."))
    return shown


def _expand(world: World, thing: Thing, steps: list[str]) -> None:
    name = steps[0]
    if name not in thing and name not in _EXPANDABLE:
        invalid(f"This property cannot be expanded ({name}).", param="expand")
    value = thing.get(name)
    if isinstance(value, str):
        row = world.store.one("SELECT body FROM stripe_objects WHERE id = ?", value)
        thing[name] = visible(json.loads(row["body"])) if row else value
    if len(steps) > 1 and isinstance(thing.get(name), dict):
        _expand(world, thing[name], steps[1:])
