"""Addresses of orders."""

from django.urls import path

from portals.merchant.orders import acting, postponing, refusals, returning, views

urlpatterns = [
    path("merchant/orders", views.orders, name="merchant_orders"),
    path("merchant/orders.csv", views.export, name="merchant_orders_export"),
    path("merchant/orders/refused", refusals.refusals, name="merchant_refused"),
    path("merchant/orders/capture", views.capture_selected, name="merchant_capture_selected"),
    path("merchant/orders/<str:order_id>", views.order, name="merchant_order"),
    path("merchant/orders/<str:order_id>/capture", acting.capture, name="merchant_capture"),
    path("merchant/orders/<str:order_id>/void", acting.void, name="merchant_void"),
    path("merchant/orders/<str:order_id>/release", acting.release, name="merchant_release"),
    path("merchant/orders/<str:order_id>/postpone", postponing.postpone, name="merchant_postpone"),
    path("merchant/orders/<str:order_id>/return", returning.deny, name="merchant_return"),
    path("merchant/orders/<str:order_id>/extend", acting.extend, name="merchant_extend"),
]
