"""The outermost middleware of every request."""

import io
import re
import uuid
from collections.abc import Callable
from typing import Any

from django.core.handlers.wsgi import LimitedStream, WSGIRequest
from django.http import HttpRequest, HttpResponseBase, QueryDict

from core.api.parsers import MAX_BODY_BYTES, has_unstorable
from core.api.problems import bad_request, problem_response
from core.api.unreachable import answer_twice
from core.errors import Malformed, TooLarge
from core.sentences import Sentence

API_PREFIX = "/api/"
OFFICE_PREFIX = "/admin/"
TABLES_PREFIX = "/admin/learning/training/"
PICTURE_PREFIXES = ("/profile/identity", "/pictures/")
MAX_FORM_BYTES, MAX_FILES_BYTES, MAX_TABLE_BYTES, MAX_PICTURES_BYTES = 1024 * 1024, 16 * 1024 * 1024, 256 * 1024 * 1024, 32 * 1024 * 1024
"""The most bytes of a form, of one of the back office, whose files can be evidence, of one with a table to learn from, and of pictures.

`deploy/nginx.conf` keeps them too.
"""
_MOST = {TABLES_PREFIX: MAX_TABLE_BYTES, OFFICE_PREFIX: MAX_FILES_BYTES, **dict.fromkeys(PICTURE_PREFIXES, MAX_PICTURES_BYTES)}
_ACCEPTED = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class RequestId:
    """Give every request an id, or take the caller's own, and refuse large bodies without reading them.

    Page addresses and forms with characters that the database does not store are refused here; the API checks its bodies itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request; the answer carries `X-Request-Id`."""
        sent = request.headers.get("X-Request-Id", "")
        request.request_id = sent if _ACCEPTED.fullmatch(sent) else f"req_{uuid.uuid4().hex}"  # type: ignore[attr-defined]
        response = self._refuse_large(request) or _refuse_unstorable(request) or answer_twice(request, self.get_response)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> HttpResponseBase | None:
        """Refuse a form with text that cannot be stored; the API reads its bodies itself."""
        if request.method != "POST" or request.path.startswith(API_PREFIX) or getattr(view, "csrf_exempt", False):
            return None
        return _refuse(request) if _unstorable(request.POST) else None

    def _refuse_large(self, request: HttpRequest) -> HttpResponseBase | None:
        if not isinstance(request, WSGIRequest):
            return None
        length = _length(request.META.get("CONTENT_LENGTH"))
        if not request.path.startswith(API_PREFIX):
            most = next((most for prefix, most in _MOST.items() if request.path.startswith(prefix)), MAX_FORM_BYTES)
            return _form_too_large(request) if length > most else None
        if not _is_chunked(request):
            return too_large(request) if length > MAX_BODY_BYTES else None
        body = request.META["wsgi.input"].read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            return too_large(request)
        # Django ignores a body without a length, so set the length.
        request.META["CONTENT_LENGTH"] = str(len(body))
        request._stream = LimitedStream(io.BytesIO(body), len(body))  # type: ignore[assignment]  # noqa: SLF001
        return None


def _refuse_unstorable(request: HttpRequest) -> HttpResponseBase | None:
    if request.path.startswith(API_PREFIX):
        return None
    return _refuse(request) if has_unstorable(request.path) or _unstorable(request.GET) else None


def _unstorable(sent: QueryDict) -> bool:
    return any(has_unstorable(text) for name, values in sent.lists() for text in (name, *values))


def _refuse(request: HttpRequest) -> HttpResponseBase:
    return bad_request(request, Malformed("The request holds a character that cannot be kept.", code="text.not_storable"))


def _form_too_large(request: HttpRequest) -> HttpResponseBase:
    answer = bad_request(request, TooLarge("The form is too large."))
    answer.status_code = TooLarge.status
    return answer


def _is_chunked(request: WSGIRequest) -> bool:
    """Return whether the server passes on a body of unknown length and marks its end."""
    meta: dict[str, Any] = request.META
    return "chunked" in meta.get("HTTP_TRANSFER_ENCODING", "").lower() and bool(meta.get("wsgi.input_terminated"))


def _length(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0


def too_large(request: HttpRequest) -> HttpResponseBase:
    """Return the refusal of a body above the maximum size."""
    return problem_response(request, TooLarge(Sentence("The body is larger than %(size)s KiB.", size=MAX_BODY_BYTES // 1024)))
