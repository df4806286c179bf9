"""Addresses of team."""

from django.urls import path

from portals.merchant.team import inviting, views

urlpatterns = [
    path("merchant/invitations/<str:invitation_id>/<str:token>", inviting.invitation, name="merchant_invitation"),
    path("merchant/team", views.team, name="merchant_team"),
    path("merchant/team/invitations/<str:invitation_id>/withdraw", inviting.withdraw, name="merchant_invitation_withdraw"),
    path("merchant/team/<int:member_id>/role", views.role, name="merchant_role"),
    path("merchant/team/<int:member_id>/remove", views.remove, name="merchant_remove"),
]
