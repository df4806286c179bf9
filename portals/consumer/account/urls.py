"""Addresses of account."""

from django.urls import path

from portals.consumer.account import copying, views

urlpatterns = [
    path("inbox", views.inbox, name="inbox"),
    path("profile", views.profile, name="profile"),
    path("profile/copy", copying.copy, name="profile_copy"),
]
