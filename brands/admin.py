"""The back office's pages of brands."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from brands.models import Brand, BrandChange
from core.admin import ReadOnlyAdmin, moment_column


@admin.register(Brand)
class BrandAdmin(ReadOnlyAdmin):
    """Brands to look up; `manage.py brand` makes and changes them."""

    list_display = ("name", "code", "domain", "legal_name", "support_email", moment_column("created_at", _("Since")))
    search_fields = ("name", "code", "domain", "legal_name")


@admin.register(BrandChange)
class BrandChangeAdmin(ReadOnlyAdmin):
    """Who changed what of brands."""

    list_display = ("brand", "actor", moment_column("at", _("Since")))
    list_filter = ("brand",)
    list_select_related = ("brand",)
