"""Addresses of account."""

from django.urls import path

from portals.consumer.account import contact, copying, views

urlpatterns = [
    path("inbox", views.inbox, name="inbox"),
    path("profile", views.profile, name="profile"),
    path("profile/contact", contact.contact, name="profile_contact"),
    path("contact/<str:token>", contact.stop_by_link, name="stop_by_link"),
    path("profile/copy", copying.copy, name="profile_copy"),
]
