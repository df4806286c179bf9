"""Addresses of limit."""

from django.urls import path

from portals.consumer.limit import views

urlpatterns = [
    path("limit", views.limit, name="limit"),
]
