"""The back office looks at most things and changes them only through services."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model
from django.http import HttpRequest
from unfold import decorators
from unfold.admin import ModelAdmin

F = TypeVar("F", bound=Callable[..., Any])


def display(**how: Any) -> Callable[[F], F]:
    """Say how a column is shown (`description`, `ordering`, `label`): the theme's own decorator, typed."""
    return decorators.display(**how)  # type: ignore[no-any-return]


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc]  # the theme is untyped
    """An admin that shows and finds, and never writes."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse adding."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse changing."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse deleting."""
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer no bulk actions."""
        return {}
