"""Addresses of the second factor of staff."""

from django.urls import path

from portals.staff import views

urlpatterns = [
    path("staff/second-factor", views.factor, name="staff_factor"),
    path("staff/second-factor/begin", views.begin, name="staff_factor_begin"),
    path("staff/second-factor/confirm", views.confirm, name="staff_factor_confirm"),
    path("staff/sign-out-others", views.end_others, name="staff_end_others"),
    path("staff/second-factor/remove", views.remove, name="staff_factor_remove"),
]
