"""The `Idempotency-Key` header of calls that create something or move money."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

from django.conf import settings
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.errors import Malformed
from core.idempotency import Answer, Once, check_key, fingerprint, run_once
from core.sentences import Sentence

HEADER = "Idempotency-Key"
KEY_MISSING = "idempotency.key_missing"
REPLAYED = "Idempotent-Replayed"
P = ParamSpec("P")
V = TypeVar("V", bound=APIView)
Door = Callable[Concatenate[V, Request, P], Response]


class Principal(Protocol):
    """The caller; `scope` separates the keys of different callers."""

    @property
    def scope(self) -> str: ...

    @property
    def actor(self) -> str: ...


def idempotent(door: Door[V, P]) -> Door[V, P]:
    """Make an endpoint answer a repeated key and body with its first answer and `Idempotent-Replayed: true`.

    A live installation refuses a POST without a key, because it could not be repeated safely; a sandbox carries it out with a warning. A
    PATCH needs no key. The endpoint's work and the stored answer are one transaction, so the endpoint must not call a provider.
    """

    @wraps(door)
    def run(view: V, request: Request, /, *args: P.args, **kwargs: P.kwargs) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return _without_key(door, view, request, *args, **kwargs)

        def work() -> tuple[int, Any]:
            response = door(view, request, *args, **kwargs)
            return response.status_code, json.loads(JSONRenderer().render(response.data))

        answer = run_once(
            scope=cast("Principal", request.user).scope, key=check_key(key), print_=print_of(request), at=clock.now(), work=work
        )
        return answer_with(answer)

    run.takes_idempotency_key = True  # type: ignore[attr-defined]
    return run


def idempotent_by_itself(door: Door[V, P]) -> Door[V, P]:
    """Mark an endpoint whose work is more than one transaction: it stores and finds its answer itself, with `once_of`."""

    @wraps(door)
    def run(view: V, request: Request, /, *args: P.args, **kwargs: P.kwargs) -> Response:
        if request.headers.get(HEADER) is None:
            return _without_key(door, view, request, *args, **kwargs)
        return door(view, request, *args, **kwargs)

    run.takes_idempotency_key = True  # type: ignore[attr-defined]
    return run


def once_of(request: Request) -> Once | None:
    """Return the request as a `Once`, or None where it has no key."""
    key = request.headers.get(HEADER)
    return None if key is None else Once(cast("Principal", request.user).scope, check_key(key), print_of(request))


def answer_with(answer: Answer) -> Response:
    """Return an answer as a response; a stored answer is marked as a replay."""
    return Response(answer.body, status=answer.status, headers={REPLAYED: "true"} if answer.replayed else None)


def _without_key(door: Door[V, P], view: V, request: Request, *args: P.args, **kwargs: P.kwargs) -> Response:
    if request.method != "POST" or is_dry(request):
        return door(view, request, *args, **kwargs)
    if not settings.SANDBOX:
        raise Malformed(
            "Send an Idempotency-Key of your own with this call, so that you can repeat it when the answer is lost.",
            code=KEY_MISSING,
            fields={HEADER: Sentence("is needed for this call")},
        )
    response = door(view, request, *args, **kwargs)
    warn(response, KEY_MISSING, "Send an Idempotency-Key: without one a repeated call is done twice, and in live mode it is refused.")
    return response


def is_dry(request: Request) -> bool:
    """Return whether the call is a dry run."""
    return isinstance(request.data, dict) and request.data.get("dry_run") is True


def warn(response: Response, code: str, detail: str) -> None:
    """Add a warning to the body of an answer; the header is made from these."""
    response.data["warnings"] = [*response.data.get("warnings", []), {"code": code, "detail": detail}]


def print_of(request: Request) -> str:
    """Return what two requests must share to be the same: method, path and body, whatever the order of the body's names."""
    body = json.dumps(request.data, sort_keys=True, separators=(",", ":"))
    return fingerprint((request.method or "").encode(), request.path.encode(), body.encode())
