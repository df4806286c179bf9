"""Addresses of the guides."""

from django.urls import path

from portals.guides import views

urlpatterns = [
    path("docs/", views.index, name="guides"),
    path("docs/search", views.search, name="guide_search"),
    path("docs/<slug:name>", views.guide, name="guide"),
]
