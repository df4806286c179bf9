"""URLs of the API for agencies."""

from django.urls import path

from collection.api import agencies

urlpatterns = [
    path("placements", agencies.Placements.as_view()),
    path("payments", agencies.Payments.as_view()),
    path("contacts", agencies.Contacts.as_view()),
    path("complaints", agencies.Complaints.as_view()),
]
