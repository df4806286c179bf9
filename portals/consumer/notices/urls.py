"""Addresses of notices."""

from django.urls import path

from portals.consumer.notices import views

urlpatterns = [
    path("notices", views.notices, name="notices"),
    path("notices/<str:notice_id>.pdf", views.pdf, name="notice_pdf"),
    path("notices/<str:notice_id>", views.notice, name="notice"),
    path("letters/<str:letter_id>", views.letter, name="letter"),
    path("limit/refusals/<str:decision_id>.pdf", views.refusal_pdf, name="refusal_pdf"),
    path("limit/cuts/<str:notice>.pdf", views.cut_pdf, name="cut_pdf"),
    path("purchases/<str:order_id>/refusal.pdf", views.rejection_pdf, name="purchase_refusal"),
]
