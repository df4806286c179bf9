"""Addresses of requests."""

from django.urls import path

from portals.consumer.requests import views

urlpatterns = [
    path("help", views.help_page, name="help"),
    path("requests", views.requests, name="requests"),
    path("requests/new/<str:kind>", views.ask, name="request_new"),
    path("requests/<str:request_id>", views.asked, name="request"),
]
