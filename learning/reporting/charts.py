"""Curves and bars as SVG shapes in a small box, so that their words stay readable on a phone; the page adds the table beside them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

WIDTH, HEIGHT = 340, 220
LEFT, RIGHT, TOP, BOTTOM = 44, 20, 10, 30
Span = tuple[float, float]


@dataclass(frozen=True)
class Chart:
    """What is drawn: lines (style, path, text), bars (style, x, y, width, height, text), marks of both axes (place, text)."""

    lines: list[tuple[str, str, str]] = field(default_factory=list)
    bars: list[tuple[str, float, float, float, float, str]] = field(default_factory=list)
    across: list[tuple[float, str]] = field(default_factory=list)
    up: list[tuple[float, str]] = field(default_factory=list)
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    floor: int = HEIGHT - BOTTOM
    roof: int = TOP
    below: int = HEIGHT - 10


def x_of(value: float, span: Span) -> float:
    """Return the place of a value across."""
    return round(LEFT + (value - span[0]) / ((span[1] - span[0]) or 1) * (WIDTH - LEFT - RIGHT), 1)


def y_of(value: float, span: Span) -> float:
    """Return the place of a value upwards."""
    return round(HEIGHT - BOTTOM - (value - span[0]) / ((span[1] - span[0]) or 1) * (HEIGHT - TOP - BOTTOM), 1)


def line_chart(
    lines: Sequence[tuple[str, str, Sequence[Sequence[float]]]], *, x: Span, y: Span, marks_x: Sequence[Any], marks_y: Sequence[Any]
) -> Chart:
    """Draw lines (style, name, points); marks are pairs of a value and its words."""
    drawn = [(style, _path([(x_of(a, x), y_of(b, y)) for a, b in points]), name) for style, name, points in lines if points]
    return Chart(drawn, [], [(x_of(value, x), text) for value, text in marks_x], [(y_of(value, y), text) for value, text in marks_y])


def _path(points: Sequence[tuple[float, float]]) -> str:
    """Return a line through points; a single point becomes a dot, as round ends are drawn of a line without length."""
    return "M" + "L".join(f"{a} {b}" for a, b in points) + ("h0.1" if len(points) == 1 else "")


def bar_chart(groups: Sequence[Sequence[tuple[str, float, str]]], *, y: Span, marks_x: Sequence[str], marks_y: Sequence[Any]) -> Chart:
    """Draw groups of bars side by side (style, value, words of the tooltip); a mark that is empty is not written."""
    room = (WIDTH - LEFT - RIGHT) / max(len(groups), 1)
    bars, across = [], []
    for number, (group, mark) in enumerate(zip(groups, marks_x, strict=True)):
        start, thin = LEFT + room * (number + 0.12), room * 0.76 / max(len(group), 1)
        for place, (style, value, text) in enumerate(group):
            top = y_of(value, y)
            bars.append((style, round(start + thin * place, 1), top, round(thin, 1), round(HEIGHT - BOTTOM - top, 1), text))
        if mark:
            across.append((round(LEFT + room * (number + 0.5), 1), mark))
    return Chart([], bars, across, [(y_of(value, y), text) for value, text in marks_y])


def ceiling(value: float) -> float:
    """Return the next round number from a value up: 1, 2 or 5 times a power of ten."""
    step = 1e-6
    while True:
        for times in (1, 2, 5):
            if step * times >= value:
                return step * times
        step *= 10
