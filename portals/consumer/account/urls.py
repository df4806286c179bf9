"""Addresses of account."""

from django.urls import path

from portals.consumer.account import agreed, contact, copying, identity, privacy, support, views

urlpatterns = [
    path("inbox", views.inbox, name="inbox"),
    path("profile", views.profile, name="profile"),
    path("profile/contact", contact.contact, name="profile_contact"),
    path("profile/situation", support.support, name="profile_support"),
    path("contact/<str:token>", contact.stop_by_link, name="stop_by_link"),
    path("profile/identity", identity.identity, name="profile_identity"),
    path("pictures/by-phone/<str:token>", identity.identity_by_phone, name="identity_by_phone"),
    path("profile/agreed", agreed.agreed, name="profile_agreed"),
    path("profile/privacy", privacy.privacy, name="privacy"),
    path("profile/copy", copying.copy, name="profile_copy"),
    path("profile/copy/page", copying.copy_page, name="profile_copy_page"),
]
