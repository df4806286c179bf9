"""Reading what was sent into plain values, and the forms that every list and error has."""

from typing import Any

from django.http import QueryDict
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.request import Request

from core.api.fields import TextField
from core.api.pagination import DEFAULT_LIMIT, MAX_LIMIT
from core.api.parsers import check_text, printable
from core.errors import Invalid, Malformed


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer that refuses what it does not know, so that a misspelt name is found at once."""

    default_error_messages = {"invalid": "must be an object"}

    def to_internal_value(self, data: Any) -> Any:
        """Return the plain values; a validation error names each unknown field."""
        if isinstance(data, dict):
            unknown = {printable(name): ["is not a field of this call"] for name in data if name not in self.fields}
            if unknown:
                raise serializers.ValidationError(unknown)
        return super().to_internal_value(data)


class PageQuery(StrictSerializer):
    """What every list can be asked for."""

    cursor = TextField(required=False, max_length=100, help_text="The `next_cursor` of the page before.")
    limit = serializers.IntegerField(required=False, default=DEFAULT_LIMIT, min_value=1, max_value=MAX_LIMIT)


def page_of(shape: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """Return the form of a page of things, for the description of the API."""
    name = shape.__name__.removesuffix("Shape") + "Page"
    fields = {"data": shape(many=True), "next_cursor": serializers.CharField(allow_null=True)}
    page: serializers.Serializer[Any] = inline_serializer(name=name, fields=fields)
    return page


def read_body(request: Request, form: type[serializers.Serializer[Any]], *, partial: bool = False) -> dict[str, Any]:
    """Return a body's values as a serializer reads them; Invalid names each field at fault."""
    data = request.data
    if isinstance(data, QueryDict):
        data = {}
    serializer = form(data=data, partial=partial)
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    return values


def read_query(request: Request, form: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """Return the values of the query string; Invalid names a parameter that is unknown, twice there or wrong."""
    params = request.query_params
    for name in params:
        check_text(name, "query")
        if len(params.getlist(name)) > 1:
            raise Invalid(f"{printable(name)} is given twice.", fields={printable(name): "is given twice"})
        check_text(params[name], name)
    serializer = form(data={name: params[name] for name in params})
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    return values


def no_body(request: Request) -> None:
    """Refuse a body where a call takes none, but for an empty object."""
    if request.data:
        raise Malformed("This call takes no body.", code="body.not_expected")
