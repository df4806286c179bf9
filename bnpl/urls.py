"""Every address of the product."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
]
for module in ("bnpl.urls_api", "portals.urls"):
    try:
        urlpatterns.append(path("", include(module)))
    except ModuleNotFoundError as error:
        if error.name != module:
            raise

handler400 = "core.api.problems.bad_request"
handler403 = "core.api.problems.permission_denied"
handler404 = "core.api.problems.page_not_found"
handler500 = "core.api.problems.server_error"
