"""Addresses of the second factor of staff."""

from django.urls import path

from portals.staff import keys, views

urlpatterns = [
    path("staff/second-factor", views.factor, name="staff_factor"),
    path("staff/second-factor/begin", views.begin, name="staff_factor_begin"),
    path("staff/second-factor/confirm", views.confirm, name="staff_factor_confirm"),
    path("staff/passkeys", keys.add, name="staff_passkey"),
    path("staff/passkeys/options", keys.options, name="staff_passkey_options"),
    path("staff/passkeys/remove", keys.remove, name="staff_passkey_remove"),
    path("staff/passkeys/use", keys.use, name="staff_passkey_use"),
    path("staff/passkeys/use/options", keys.use_options, name="staff_passkey_use_options"),
    path("staff/sign-out-others", views.end_others, name="staff_end_others"),
    path("staff/second-factor/remove", views.remove, name="staff_factor_remove"),
]
