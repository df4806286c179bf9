"""The operators' door to people."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.contrib.auth.models import Group
from unfold.admin import ModelAdmin

from accounts.models import Consumer, User
from core.admin import ReadOnlyAdmin, moment_column, status_column, text_column
from core.longlists import one_of


@admin.register(Consumer)
class ConsumerAdmin(ReadOnlyAdmin):
    """Consumers to look up by id; personal data is shown only where somebody works on a case."""

    list_display = (
        text_column("public_id", "Person"),
        "market",
        status_column("identity", "Identity"),
        moment_column("created_at", "Since"),
    )
    list_filter = ("market", one_of("identity", ("unknown", "pending", "verified", "rejected")))
    search_fields = ("id",)
    search_help_text = "A person's id"
    fields = ("market", "locale", "time_zone", "identity", "created_at")
    ordering = ("-id",)


@admin.register(User)
class UserAdmin(ModelAdmin):  # type: ignore[misc]  # the theme is untyped
    """Operators and merchant staff; passwords are set by the password form, never shown."""

    change_password_form = AdminPasswordChangeForm
    list_display = ("email", "name", "is_staff", "is_superuser", "is_active")
    list_filter = ("is_staff", "is_active", "groups")
    search_fields = ("email", "name")
    fields = ("email", "name", "is_staff", "is_active", "groups")
    ordering = ("email",)


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(BaseGroupAdmin, ModelAdmin):  # type: ignore[misc]
    """Roles of operators."""
