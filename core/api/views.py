"""The base of every REST view."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api.idempotency import Principal
from core.api.limits import check_rate
from core.errors import NotFound

WARNING = "X-Warning"


def needing(**scopes: str) -> Mapping[str, str]:
    """Return the scope that a key needs for each method of a view."""
    return MappingProxyType(scopes)


class ApiView(APIView):
    """A JSON endpoint; `OPTIONS` lists its methods without a key."""

    http_method_names = ["get", "head", "post", "patch", "delete", "options"]
    scopes: Mapping[str, str] = MappingProxyType({})
    """The scope that a key needs, by method."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer `OPTIONS` without a key, and everything else as the view does."""
        if request.method == "OPTIONS":
            return self.preflight(request)
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the caller's key and rate limit."""
        super().initial(request, *args, **kwargs)
        if request.auth is not None:
            check_rate(cast("Principal", request.user).scope)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Repeat the codes of an answer's warnings in a header, for callers that log only headers."""
        data = getattr(response, "data", None)
        if isinstance(data, dict) and data.get("warnings"):
            response[WARNING] = ", ".join(dict.fromkeys(warning["code"] for warning in data["warnings"]))
        return super().finalize_response(request, response, *args, **kwargs)

    def preflight(self, request: HttpRequest) -> HttpResponse:
        """Answer with the allowed methods."""
        return HttpResponse(status=204, headers={"Allow": ", ".join(self.allowed_methods)})


@extend_schema(exclude=True)
class NothingHere(ApiView):
    """Every address of the API that does not exist."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get(self, request: Request, path: str = "") -> Response:
        """Answer 404."""
        raise NotFound("There is nothing at this address.")

    post = patch = delete = put = get
    http_method_names = ["get", "head", "post", "patch", "delete", "put"]
