"""The simulation app."""

from django.apps import AppConfig


class SimulationConfig(AppConfig):
    """Lives of shops and people for demo, benchmarks and sandbox doors."""

    name = "simulation"
