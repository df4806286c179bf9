"""The address of the widget; shops depend on it."""

from django.urls import path

from portals.widget import views

urlpatterns = [path("widget/v1.js", views.script, name="widget")]
