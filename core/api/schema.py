"""The description of the API: what all operations share is written once."""

import re
from typing import Any

from django.conf import settings
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent, force_instance

from core.api.idempotency import HEADER, REPLAYED
from core.api.problems import CONTENT_TYPE
from core.api.serializers import StrictSerializer
from core.api.views import WARNING

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "What went wrong (RFC 9457). `code` is stable; `fields` names each field at fault.",
    "required": ["type", "code", "title", "detail", "status", "fields", "request_id", "support"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "Where the lender explains problems."},
        "code": {"type": "string", "examples": ["invalid"]},
        "title": {"type": "string", "examples": ["A value is not valid"]},
        "detail": {"type": "string", "examples": ["amount: must be at least 1"]},
        "status": {"type": "integer", "examples": [422]},
        "fields": {"type": "object", "additionalProperties": {"type": "string"}, "examples": [{"amount": "must be at least 1"}]},
        "request_id": {"type": "string"},
        "support": {"type": "string", "description": "The lender's e-mail address for questions; name `request_id`."},
    },
}
ALWAYS = {
    "401": "No valid key.",
    "403": "This key may not do this.",
    "404": "There is no such object, or it is somebody else's.",
    "406": "Answers are JSON only.",
    "422": "A value is not valid; `fields` names it.",
    "429": "Too many requests; see `Retry-After`.",
    "503": "An outside service does not answer; nothing was changed.",
}
WITH_BODY = {
    "400": "The body cannot be read.",
    "409": "The object's state does not allow this.",
    "413": "The body is too large.",
    "415": "The body must be `application/json`.",
}


class Schema(AutoSchema):
    """Adds problem answers and the idempotency header, and says that unknown names are refused."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Return an operation with the parts that all operations share."""
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        responses = operation["responses"]
        for status, description in self._problems().items():
            responses.setdefault(status, self._problem(description))
        if getattr(getattr(self.view, self.method.lower()), "takes_idempotency_key", False):
            needed = self.method == "POST" and not settings.SANDBOX
            operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY | {"required": needed})
            for status, answer in responses.items():
                if status.startswith("2"):
                    answer["headers"] = _HEADERS
        return operation

    def _problems(self) -> dict[str, str]:
        """Return the problems that an operation may answer with, by status."""
        found = {"400": "The query cannot be read."} | (ALWAYS if self.get_auth() else {"406": ALWAYS["406"], "422": ALWAYS["422"]})
        if self.method in {"POST", "PATCH", "DELETE"}:
            found |= WITH_BODY
        return found

    def _problem(self, description: str) -> dict[str, Any]:
        component = ResolvedComponent(name="Problem", type=ResolvedComponent.SCHEMA, object="Problem", schema=PROBLEM)  # type: ignore[no-untyped-call]
        self.registry.register_on_missing(component)
        return {"description": description, "content": {CONTENT_TYPE: {"schema": component.ref}}}

    def get_summary(self) -> str | None:
        """Return the first sentence of the view's docstring."""
        doc = (getattr(self.view, self.method.lower()).__doc__ or "").strip()
        return super().get_summary() or (doc.split("\n\n")[0].rstrip(".") or None)

    def get_description(self) -> str:  # type: ignore[override]
        """Return the view's docstring after its first sentence."""
        doc = (getattr(self.view, self.method.lower()).__doc__ or "").strip()
        told = [" ".join(part.split()) for part in doc.split("\n\n")[1:]]
        scope = getattr(self.view, "scopes", {}).get(self.method)
        return "\n\n".join([*told, *([f"The key needs the scope `{scope}`."] if scope else [])])

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Return how to authenticate, with the scope that a key needs."""
        scope = getattr(self.view, "scopes", {}).get(self.method)
        return [{name: [scope] if scope else given for name, given in each.items()} for each in super().get_auth()]

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        """Return a form's name for readers: without the suffix that distinguishes it in the code."""
        return re.sub(r"(Shape|Form)$", "", type(serializer).__name__)

    def _map_serializer(self, serializer: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        schema = super()._map_serializer(serializer, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        form = force_instance(serializer)  # type: ignore[no-untyped-call]
        if direction == "request" and isinstance(form, StrictSerializer):
            schema["additionalProperties"] = form.takes_unknown
            for name, field in form.fields.items():
                # A field that may be omitted may also be an empty object, even if the object has required names.
                if isinstance(field, StrictSerializer) and not field.required and any(inner.required for inner in field.fields.values()):
                    schema["properties"][name]["oneOf"].append({"type": "object", "maxProperties": 0})
        return schema


_IDEMPOTENCY_KEY = {
    "in": "header",
    "name": HEADER,
    "description": "Needed in live mode for every POST that takes one; a sandbox warns. The same key and body give the stored answer,"
    " with `Idempotent-Replayed: true`, for 30 days.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
_HEADERS = {
    REPLAYED: {"description": "`true` where the answer is a stored one.", "schema": {"type": "string"}},
    WARNING: {"description": "The codes of `warnings`, where there are some.", "schema": {"type": "string"}},
}
