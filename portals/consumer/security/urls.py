"""Addresses of how the person signs in."""

from django.urls import path

from portals.consumer.security import confirming, contacts, views

_AT = "profile/sign-in"

urlpatterns = [
    path(_AT, views.security, name="security"),
    path(f"{_AT}/passkeys", views.add, name="security_passkey"),
    path(f"{_AT}/passkeys/options", views.options, name="security_passkey_options"),
    path(f"{_AT}/passkeys/remove", views.remove, name="security_passkey_remove"),
    path(f"{_AT}/accounts/remove", views.unlink, name="security_login_remove"),
    path(f"{_AT}/devices/end", views.end, name="security_device_end"),
    path(f"{_AT}/devices/end-all", views.end_others, name="security_devices_end"),
    path(f"{_AT}/contact", contacts.contact, name="security_contact"),
    path(f"{_AT}/contact/code", contacts.code, name="security_contact_code"),
    path(f"{_AT}/contact/send", contacts.send, name="security_contact_send"),
    path(f"{_AT}/contact/keep", contacts.keep, name="security_contact_keep"),
    path("contact/keep/<str:token>", contacts.keep_by_link, name="security_contact_keep_by_link"),
    path(f"{_AT}/confirm", confirming.confirm, name="security_confirm"),
    path(f"{_AT}/confirm/send", confirming.send, name="security_confirm_send"),
    path(f"{_AT}/confirm/passkey", confirming.by_passkey, name="security_confirm_passkey"),
    path(f"{_AT}/confirm/options", confirming.options, name="security_confirm_options"),
]
