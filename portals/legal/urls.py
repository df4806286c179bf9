"""Addresses of the legal pages: the newest version, that of a market, and an earlier one."""

from django.urls import path

from portals.legal import views
from portals.legal.shelf import NAMES

urlpatterns = [
    one
    for name in NAMES
    for one in (
        path(name, views.legal, {"name": name}, name=f"legal_{name}"),
        path(f"{name}/<slug:market>", views.legal, {"name": name}, name=f"legal_{name}_of"),
        path(f"{name}/<slug:market>/<str:version>", views.legal, {"name": name}, name=f"legal_{name}_version"),
    )
]
