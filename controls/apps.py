"""The controls app."""

from django.apps import AppConfig


class ControlsConfig(AppConfig):
    """Proposals that a second person decides, and assignments of tasks."""

    name = "controls"
