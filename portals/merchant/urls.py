"""Addresses of the merchant portal."""

from django.urls import path

from portals.merchant import acting, deliveries, entering, hooks, keys, look, order, orders, overview, refunding, settlements, team

urlpatterns = [
    path("merchant/", overview.overview, name="merchant_overview"),
    path("merchant/sign-in", entering.sign_in, name="merchant_sign_in"),
    path("merchant/sign-out", entering.sign_out, name="merchant_sign_out"),
    path("merchant/choose", entering.choose, name="merchant_choose"),
    path("merchant/invitations/<uuid:user_id>/<str:token>", entering.invitation, name="merchant_invitation"),
    path("merchant/orders", orders.orders, name="merchant_orders"),
    path("merchant/orders.csv", orders.export, name="merchant_orders_export"),
    path("merchant/orders/capture", orders.capture_selected, name="merchant_capture_selected"),
    path("merchant/orders/<str:order_id>", order.order, name="merchant_order"),
    path("merchant/orders/<str:order_id>/capture", acting.capture, name="merchant_capture"),
    path("merchant/orders/<str:order_id>/refund", refunding.refund, name="merchant_refund"),
    path("merchant/orders/<str:order_id>/void", acting.void, name="merchant_void"),
    path("merchant/orders/<str:order_id>/extend", acting.extend, name="merchant_extend"),
    path("merchant/refunds", orders.refunds, name="merchant_refunds"),
    path("merchant/settlements", settlements.settlements, name="merchant_settlements"),
    path("merchant/settlements/<str:settlement_id>", settlements.settlement, name="merchant_settlement"),
    path("merchant/settlements/<str:settlement_id>/lines.csv", settlements.export, name="merchant_settlement_export"),
    path("merchant/keys", keys.keys, name="merchant_keys"),
    path("merchant/keys/<str:key_id>/revoke", keys.revoke, name="merchant_key_revoke"),
    path("merchant/webhooks", hooks.endpoints, name="merchant_webhooks"),
    path("merchant/webhooks/new", hooks.new, name="merchant_webhook_new"),
    path("merchant/webhooks/<str:endpoint_id>", hooks.endpoint, name="merchant_webhook"),
    path("merchant/webhooks/<str:endpoint_id>/edit", hooks.edit, name="merchant_webhook_edit"),
    path("merchant/webhooks/<str:endpoint_id>/secret", hooks.rotate, name="merchant_webhook_rotate"),
    path("merchant/webhooks/<str:endpoint_id>/disable", hooks.disable, name="merchant_webhook_disable"),
    path("merchant/webhooks/<str:endpoint_id>/enable", hooks.enable, name="merchant_webhook_enable"),
    path("merchant/webhooks/<str:endpoint_id>/remove", hooks.remove, name="merchant_webhook_remove"),
    path("merchant/events", deliveries.events, name="merchant_events"),
    path("merchant/events/<str:event_id>", deliveries.event, name="merchant_event"),
    path("merchant/deliveries/<str:delivery_id>", deliveries.delivery, name="merchant_delivery"),
    path("merchant/deliveries/<str:delivery_id>/resend", deliveries.resend, name="merchant_resend"),
    path("merchant/look", look.look, name="merchant_look"),
    path("merchant/look/preview", look.preview, name="merchant_look_preview"),
    path("merchant/team", team.team, name="merchant_team"),
    path("merchant/team/<int:member_id>/role", team.role, name="merchant_role"),
    path("merchant/team/<int:member_id>/remove", team.remove, name="merchant_remove"),
]
