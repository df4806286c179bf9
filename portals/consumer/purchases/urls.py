"""Addresses of purchases."""

from django.urls import path

from portals.consumer.purchases import (
    area,
    hardship,
    moving,
    papers,
    promising,
    refunds,
    restructuring,
    returning,
    settling,
    standing,
    views,
)

urlpatterns = [
    path("purchases", views.purchases, name="purchases"),
    path("purchases/fees", standing.fee_status, name="fee_status"),
    path("purchases/<str:order_id>", views.purchase, name="purchase"),
    path("purchases/<str:order_id>/agreement", papers.paper, name="purchase_agreement"),
    path("purchases/<str:order_id>/documents/<str:kind>.pdf", papers.pdf, name="purchase_pdf"),
    path("purchases/<str:order_id>/documents/<str:kind>", papers.paper, name="purchase_paper"),
    path("purchases/<str:order_id>/dates", moving.dates, name="purchase_dates"),
    path("purchases/<str:order_id>/new-payments", restructuring.new_terms, name="purchase_new_terms"),
    path("purchases/<str:order_id>/help", hardship.hardship, name="purchase_hardship"),
    path("purchases/<str:order_id>/pause", area.area, name="purchase_area"),
    path("purchases/<str:order_id>/return", returning.goods_return, name="purchase_return"),
    path("purchases/<str:order_id>/promise", promising.promise, name="purchase_promise"),
    path("purchases/<str:order_id>/settlement", settling.settlement, name="purchase_settlement"),
    path("purchases/<str:order_id>/card", views.card, name="purchase_card"),
    path("purchases/<str:order_id>/refunds/<str:refund_id>", refunds.refund, name="purchase_refund"),
]
