"""The design system's living page, and the error pages that it shows."""

# ruff: noqa: INP001  (scripts, no package)
from stage import Stage, scene


@scene("design")
def components(stage: Stage) -> None:
    """Every component with its states."""
    stage.open("/design/")


@scene("errors")
def unreadable(stage: Stage) -> None:
    """400: the request could not be read."""
    stage.open("/design/unreadable")


@scene("errors")
def forbidden(stage: Stage) -> None:
    """403: another account's page."""
    stage.open("/design/forbidden")


@scene("errors")
def stale(stage: Stage) -> None:
    """403: the page was open too long."""
    stage.open("/design/stale")


@scene("errors", dark=True)
def missing(stage: Stage) -> None:
    """404: no such page."""
    stage.open("/nowhere")


@scene("errors")
def not_taken(stage: Stage) -> None:
    """405: the page does not take what was sent."""
    stage.open("/design/not-taken")


@scene("errors")
def too_many(stage: Stage) -> None:
    """429: too many tries."""
    stage.open("/design/too-many")


@scene("errors")
def broken(stage: Stage) -> None:
    """500: a fault on our side."""
    stage.open("/design/broken")
