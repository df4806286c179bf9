"""All URLs of the product."""

from django.contrib import admin
from django.urls import include, path, re_path

from core import health
from operations.passwords import Choose, forgotten
from operations.site import apps_listed, sign_in, sign_out, to_work_list

urlpatterns = [
    path("livez", health.live),
    path("readyz", health.ready),
    path("admin/login/", sign_in),
    path("admin/logout/", sign_out),
    re_path(rf"^admin/(?:{'|'.join(apps_listed())})/$", to_work_list),
    path("admin/password/", forgotten, name="admin_password_reset"),
    path("admin/password/<uidb64>/<token>/", Choose.as_view()),
    path("admin/", admin.site.urls),
    path("api/agency/v1/", include("collection.api.urls")),
    path("", include("bnpl.urls_api")),
    path("", include("portals.urls")),
]

handler400 = "core.api.problems.bad_request"
handler403 = "core.api.problems.permission_denied"
handler404 = "core.api.problems.page_not_found"
handler500 = "core.api.problems.server_error"
