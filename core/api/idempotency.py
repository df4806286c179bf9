"""The `Idempotency-Key` header on calls that make something or move money."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.idempotency import check_key, fingerprint, run_once

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
P = ParamSpec("P")
V = TypeVar("V", bound=APIView)
Door = Callable[Concatenate[V, Request, P], Response]


class Principal(Protocol):
    """Who calls: `scope` keeps one caller's keys apart from another's."""

    @property
    def scope(self) -> str: ...

    @property
    def actor(self) -> str: ...


def idempotent(door: Door[V, P]) -> Door[V, P]:
    """Make a door answer a repeated key and body with its first answer and `Idempotent-Replayed: true`.

    The key is optional. The door's whole work is one unit with the stored answer, so it must not call a provider.
    """

    @wraps(door)
    def run(view: V, request: Request, /, *args: P.args, **kwargs: P.kwargs) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return door(view, request, *args, **kwargs)

        def work() -> tuple[int, Any]:
            response = door(view, request, *args, **kwargs)
            return response.status_code, json.loads(JSONRenderer().render(response.data))

        answer = run_once(
            scope=cast("Principal", request.user).scope, key=check_key(key), print_=print_of(request), at=clock.now(), work=work
        )
        return Response(answer.body, status=answer.status, headers={REPLAYED: "true"} if answer.replayed else None)

    run.takes_idempotency_key = True  # type: ignore[attr-defined]
    return run


def print_of(request: Request) -> str:
    """Return what makes two requests the same: method, path and body, whatever the order of its names."""
    body = json.dumps(request.data, sort_keys=True, separators=(",", ":"))
    return fingerprint((request.method or "").encode(), request.path.encode(), body.encode())
