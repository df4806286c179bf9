"""Addresses of the design system: its page and the generated theme sheets."""

from django.urls import path

from portals import stylesheet
from portals.design import views

urlpatterns = [
    path("theme/<str:color>.css", stylesheet.theme_sheet, name="theme"),
    path("theme/<str:color>/preview.css", stylesheet.preview_sheet, name="theme_preview"),
    path("theme/<str:color>.svg", stylesheet.theme_picture, name="theme_icon"),
    path("design/", views.page, name="design"),
    path("design/<slug:screen>", views.screen, name="design_screen"),
]
