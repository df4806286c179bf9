"""The address of the widget, which is part of the contract with shops."""

from django.urls import path

from portals.widget import views

urlpatterns = [path("widget/v1.js", views.script, name="widget")]
