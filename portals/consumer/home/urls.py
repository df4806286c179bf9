"""Addresses of home."""

from django.urls import path

from portals.consumer.home import views

urlpatterns = [
    path("home", views.home, name="home"),
]
