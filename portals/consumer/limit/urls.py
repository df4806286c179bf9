"""Addresses of limit."""

from django.urls import path

from portals.consumer.limit import notices, views

urlpatterns = [
    path("limit", views.limit, name="limit"),
    path("limit/refusals/<str:decision_id>.pdf", notices.pdf, name="refusal_pdf"),
]
