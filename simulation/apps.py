"""The simulation app."""

from django.apps import AppConfig


class SimulationConfig(AppConfig):
    """Simulated shops and people, for the demo, the benchmarks and the sandbox's API."""

    name = "simulation"
