"""Reading requests into plain values, and the forms that all lists and errors share."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request

from core.api.fields import TextField
from core.api.pagination import DEFAULT_LIMIT, MAX_LIMIT
from core.api.parsers import check_text, printable
from core.errors import Invalid, Malformed
from core.sentences import Sentence


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer that refuses unknown names, so that a misspelt one is found at once, and reports all faults together.

    In a body, null and empty values of optional fields count as absent, because shops' software sends them for missing data.
    """

    default_error_messages = {"invalid": _("must be an object")}
    takes_unknown: ClassVar[bool] = False
    """Whether unknown names are ignored instead of refused."""
    empty_is_absent: ClassVar[bool] = True

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields; the schema describes that optional fields also accept null, and optional texts an empty text."""
        fields = super().get_fields()
        for field in fields.values() if self.empty_is_absent else ():
            if not field.required:
                field.allow_null = True
                if isinstance(field, serializers.CharField | serializers.ChoiceField):
                    field.allow_blank = True
        return fields

    def to_internal_value(self, data: Any) -> Any:
        """Return the plain values; a validation error names each field at fault, including unknown ones."""
        if not isinstance(data, dict):
            self.fail("invalid")
        sent = {name: value for name, value in data.items() if not self._is_absent(name, value)}
        unknown = () if self.takes_unknown else (name for name in sent if name not in self.fields)
        faults: dict[str, Any] = {printable(name): [gettext("is not a field of this call")] for name in unknown}
        values: dict[str, Any] = {}
        for name, field in self.fields.items():
            check: Callable[[Any], Any] = getattr(self, f"validate_{name}", lambda value: value)
            try:
                values[name] = check(field.run_validation(field.get_value(sent)))
            except serializers.ValidationError as error:
                faults[name] = error.detail
            except serializers.SkipField:
                continue
        for name, found in self.also_wrong(values).items():
            faults.setdefault(name, [found])
        if faults:
            raise serializers.ValidationError(faults)
        return values

    def also_wrong(self, values: Mapping[str, Any]) -> dict[str, ErrorDetail]:
        """Return the faults of valid values in combination, or for this caller, by field (`items[0].amount`)."""
        return {}

    def _is_absent(self, name: str, value: Any) -> bool:
        field = self.fields.get(name)
        if field is None or field.required or not self.empty_is_absent:
            return False
        empty = isinstance(value, str) and not value.strip()
        return value is None or empty or (value == {} and isinstance(field, serializers.Serializer))


def all_faults(checks: Iterable[Callable[[], object]]) -> dict[str, ErrorDetail]:
    """Run checks of services and return all faults that they find, by field; a fault keeps the code of its error."""
    faults: dict[str, ErrorDetail] = {}
    for check in checks:
        try:
            check()
        except Invalid as error:
            faults |= {name: ErrorDetail(reason, error.code) for name, reason in error.fields.items()}
    return faults


class WarningShape(serializers.Serializer[Any]):
    """Something that was done, and that you should look into. The header `X-Warning` names the codes."""

    code = serializers.CharField()
    detail = serializers.CharField()


class Query(StrictSerializer):
    """A query string: what is there has a value."""

    empty_is_absent = False


class PageQuery(Query):
    """The parameters that every list accepts."""

    cursor = TextField(required=False, max_length=100, help_text="The `next_cursor` of the page before.")
    limit = serializers.IntegerField(required=False, default=DEFAULT_LIMIT, min_value=1, max_value=MAX_LIMIT)


def page_of(shape: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """Return the form of a page of rows, for the description of the API."""
    name = shape.__name__.removesuffix("Shape") + "Page"
    fields = {"data": shape(many=True), "next_cursor": serializers.CharField(allow_null=True)}
    page: serializers.Serializer[Any] = inline_serializer(name=name, fields=fields)
    return page


def read_body(request: Request, form: type[serializers.Serializer[Any]], **context: Any) -> dict[str, Any]:
    """Return a body's values as a serializer reads them; Invalid names each field at fault. `context` is passed to the serializer."""
    data = request.data
    if isinstance(data, QueryDict):
        data = {}
    serializer = form(data=data, context=context)
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    return values


def read_query(request: Request, form: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """Return the values of the query string; Invalid names a parameter that is unknown, repeated or wrong."""
    params = request.query_params
    for name in params:
        check_text(name, "query")
        if len(params.getlist(name)) > 1:
            raise Invalid(Sentence("%(name)s is given twice.", name=printable(name)), fields={printable(name): Sentence("is given twice")})
        check_text(params[name], name)
    serializer = form(data={name: params[name] for name in params})
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    return values


def no_body(request: Request) -> None:
    """Refuse a body where a call takes none; an empty object is allowed."""
    if request.data:
        raise Malformed("This call takes no body.", code="body.not_expected")
