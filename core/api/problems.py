"""Errors as `application/problem+json` (RFC 9457). The only place where errors become answers."""

import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext
from django.views import defaults
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.unreachable import away_page, current_error, is_away, mark
from core.crypto import as_error
from core.errors import DomainError, Forbidden, Invalid, Malformed, NotFound, TooLarge, TooMany, Unauthenticated, Unavailable
from core.sentences import Sentence, translated

CONTENT_TYPE = "application/problem+json"
EXPLAINED = "/docs/integrate#when-a-call-fails"
"""The page of a brand that explains problems; `type` links to it."""
log = logging.getLogger("bnpl.api")


class _Status(DomainError):
    """An error of HTTP itself, which no service raises."""

    def __init__(self, status: int, code: str, title: str, detail: str, fields: dict[str, str] | None = None) -> None:
        super().__init__(detail, code=code, fields=fields)
        self.status = status
        self.title = title


def body_of(error: DomainError, request: HttpRequest | Request) -> dict[str, Any]:
    """Return the problem document of an error; its links to documentation and help are those of the brand whose host was called."""
    speaker = getattr(request, "brand", None)
    return {
        "type": f"{speaker.base_url}{EXPLAINED}" if speaker else "about:blank",
        "code": error.code,
        "title": translated(error.title),
        "detail": error.detail,
        "status": error.status,
        "fields": error.fields,
        "request_id": request_id_of(request),
        "support": str(getattr(speaker, "support_email", "")),
    }


def headers_of(error: DomainError) -> dict[str, str]:
    """Return the headers that belong to an error."""
    if isinstance(error, TooMany):
        return {"Retry-After": str(error.retry_after_s)}
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": 'Bearer realm="api"'}
    return {}


def request_id_of(request: HttpRequest | Request) -> str:
    """Return the id that the middleware gave the request."""
    return str(getattr(request, "request_id", ""))


def problem_response(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Return the answer to a request that no REST view handles."""
    content = json.dumps(body_of(error, request))
    return HttpResponse(content, status=error.status, content_type=CONTENT_TYPE, headers=headers_of(error))


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Return the answer for an exception of a REST view; None for a broken invariant, which becomes a 500."""
    known = translate(error)
    if known is None:
        return None
    request = context["request"]
    headers = headers_of(known)
    if isinstance(error, exceptions.MethodNotAllowed):
        headers["Allow"] = ", ".join(context["view"].allowed_methods)
    return Response(body_of(known, request), status=known.status, content_type=CONTENT_TYPE, headers=headers)


def translate(error: Exception) -> DomainError | None:
    """Return an expected exception as a `DomainError`; None for an unexpected one."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, exceptions.ValidationError):
        return invalid(error.detail)
    if isinstance(error, InvalidTag):
        return as_error(error)
    return _of_protocol(error)


def _of_protocol(error: Exception) -> DomainError | None:  # noqa: PLR0911  (a table)
    match error:
        case RequestDataTooBig():
            return TooLarge("The body is too large.")
        case exceptions.ParseError():
            return Malformed("The body cannot be read.")
        case Http404() | exceptions.NotFound():
            return NotFound("There is nothing at this address.")
        case PermissionDenied() | exceptions.PermissionDenied():
            return Forbidden("This key may not do this.")
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return Unauthenticated("Send a valid secret key: Authorization: Bearer sk_...")
        case exceptions.MethodNotAllowed():
            return _Status(405, "method_not_allowed", Sentence("Method not allowed"), Sentence("This address does not know that method."))
        case exceptions.NotAcceptable():
            return _Status(
                406,
                "not_acceptable",
                Sentence("Not acceptable"),
                Sentence("Answers are application/json only."),
                {"Accept": "application/json"},
            )
        case exceptions.UnsupportedMediaType():
            detail = Sentence("Send the body as application/json.")
            return _Status(415, "unsupported_media_type", Sentence("Unsupported media type"), detail, {"Content-Type": "application/json"})
    return None


def invalid(detail: Any) -> Invalid:
    """Return a serializer's errors as one Invalid that names each field (`items[0].amount`), with their code if all have the same."""
    found = list(_flatten("", detail))
    fields = {path: str(reason) for path, reason in found}
    codes = {getattr(reason, "code", "") for _, reason in found}
    code = next(iter(codes), "")
    named = [f"{name}: {reason}" for name, reason in fields.items()] or [gettext("body: is not valid")]
    more = " " + gettext("(%(count)s more in `fields`)") % {"count": len(named) - 1} if len(named) > 1 else ""
    return Invalid(named[0] + more, code=code if len(codes) == 1 and "." in code else None, fields=fields)


def _flatten(path: str, detail: Any) -> Iterator[tuple[str, str]]:
    if isinstance(detail, dict):
        for key, value in detail.items():
            yield from _flatten(_join(path, key), value)
    elif isinstance(detail, list) and any(isinstance(item, dict | list) for item in detail):
        for i, item in enumerate(detail):
            yield from _flatten(f"{path}[{i}]", item)
    elif isinstance(detail, list) and len(detail) != 1:
        text = " ".join(str(item) for item in detail)
        if text:
            yield path or "body", text
    else:
        yield path or "body", detail[0] if isinstance(detail, list) else detail


def _join(path: str, key: Any) -> str:
    if key == "non_field_errors":
        return path
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else str(key)


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer a request that Django itself refuses; the project's `handler400`."""
    if _is_api(request):
        return problem_response(request, translate(exception) or Malformed("The request cannot be read."))
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer a forbidden request; the project's `handler403`."""
    return problem_response(request, Forbidden("Not allowed.")) if _is_api(request) else defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer a request for an unknown address; the project's `handler404`."""
    if _is_api(request):
        return problem_response(request, NotFound("There is nothing at this address."))
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Answer after a broken invariant, or a database that went away; the project's `handler500`."""
    if is_away(current_error()):
        away = Unavailable("The database does not answer. Send the request again, with the same Idempotency-Key where it has one.")
        return mark(problem_response(request, away) if _is_api(request) else away_page())
    if not _is_api(request):
        return defaults.server_error(request)
    detail = "Something went wrong on our side. Send the request again with the same Idempotency-Key, or tell us its request_id."
    return problem_response(request, _Status(500, "internal", "Internal error", detail))
