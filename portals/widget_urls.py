"""The address of the widget, which is part of the contract with shops."""

from django.urls import path

from portals import widget

urlpatterns = [path("widget/v1.js", widget.script, name="widget")]
