"""Charts as data for server-made SVG: positions are whole numbers (tenths of a percent across, pixels up). Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTH = 1000
HEIGHT = 130
TOP = 8
FLOOR = TOP + HEIGHT
_GAP = 0.34
_NICE = (1, 2, 2.5, 5, 10)
_RAMP_END = 3


@dataclass(frozen=True, slots=True)
class Point:
    """One value with its name on the axis and as text ("$1,204")."""

    label: str
    value: int
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: `x` and `width` in tenths of a percent of the plot, `y` and `height` in pixels."""

    x: int
    y: int
    width: int
    height: int
    label: str
    text: str

    @property
    def left(self) -> str:
        """The x position as SVG needs it."""
        return tenths(self.x)

    @property
    def across(self) -> str:
        """The width as SVG needs it."""
        return tenths(self.width)


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: `at` is in pixels on the vertical axis, in tenths of a percent on the horizontal one."""

    at: int
    label: str
    anchor: str = "start"

    @property
    def left(self) -> str:
        """The position on the horizontal axis as SVG needs it."""
        return tenths(self.at)


@dataclass(frozen=True, slots=True)
class BarChart:
    """Everything that the template draws; the table behind the chart uses the same points."""

    bars: tuple[Bar, ...]
    lines: tuple[Tick, ...]
    marks: tuple[Tick, ...]
    points: tuple[Point, ...]
    summary: str
    height: int = FLOOR + 24
    floor: int = FLOOR


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One step of a funnel: `width` in tenths of a percent of the first, `share_bps` of the step before."""

    label: str
    value: int
    width: int
    share_bps: int

    @property
    def across(self) -> str:
        """The width as SVG needs it."""
        return tenths(self.width)


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a bar: `x` and `width` in thousandths of the whole."""

    tone: str
    x: int
    width: int
    minor: int


def tenths(value: int) -> str:
    """Write tenths of a percent: 345 is `34.5%`."""
    return f"{value // 10}.{value % 10}%"


def bar_chart(points: Sequence[Point], axis_text: Callable[[int], str], marks: int = 3) -> BarChart:
    """Lay out a bar chart; `axis_text` writes a value of the vertical axis, the horizontal axis gets `marks` labels.

    Values are whole numbers of zero or more. An empty list gives a chart without bars.
    """
    top = max((point.value for point in points), default=0)
    step = axis_step(top)
    ceiling = max(top, step * -(-top // step) if top else step)
    lines = tuple(Tick(FLOOR - HEIGHT * value // ceiling, axis_text(value)) for value in range(step, ceiling + 1, step))
    return BarChart(_bars(points, ceiling), lines, _marks(points, marks), tuple(points), _summary(points))


def axis_step(top: int) -> int:
    """Return the step of an axis up to `top`: 1, 2, 2.5 or 5 times a power of ten, giving two to four steps."""
    if top <= 1:
        return 1
    power: int = 10 ** (len(str(top)) - 1)
    for scale in (power // 10 or 1, power):
        for nice in _NICE:
            step = int(nice * scale)
            if step >= 1 and top / step <= _RAMP_END + 0.2:
                return step
    return power


def funnel(steps: Sequence[tuple[str, int]]) -> tuple[FunnelStep, ...]:
    """Lay out a funnel from (label, count) pairs, the widest first."""
    first = max((count for _, count in steps), default=0) or 1
    before = [count for _, count in steps[:1]] + [count for _, count in steps]
    return tuple(
        FunnelStep(label, count, WIDTH * count // first, 10_000 * count // (previous or 1))
        for (label, count), previous in zip(steps, before, strict=False)
    )


def money_segments(captured: int, refunded: int, left: int, released: int = 0) -> list[Segment]:
    """Lay out an order's money: kept (captured less refunded), refunded, left to capture, released; minor units, the whole is their sum."""
    parts = (("good", captured - refunded), ("warn", refunded), ("rest", left), *([("mute", released)] if released else []))
    whole = sum(minor for _, minor in parts) or 1
    segments: list[Segment] = []
    done = 0
    for tone, minor in parts:
        start, done = done, done + minor
        segments.append(Segment(tone, WIDTH * start // whole, WIDTH * done // whole - WIDTH * start // whole, minor))
    return segments


def _bars(points: Sequence[Point], ceiling: int) -> tuple[Bar, ...]:
    slot = WIDTH / max(len(points), 1)
    width = max(2, int(slot * (1 - _GAP)))
    bars = []
    for place, point in enumerate(points):
        height = max(2 if point.value else 0, HEIGHT * point.value // ceiling)
        bars.append(Bar(int(slot * place + (slot - width) / 2), FLOOR - height, width, height, point.label, point.text))
    return tuple(bars)


def _marks(points: Sequence[Point], count: int) -> tuple[Tick, ...]:
    last = len(points) - 1
    if last < 0:
        return ()
    places = sorted({round(last * step / max(count - 1, 1)) for step in range(count)})
    slot = WIDTH / len(points)
    return tuple(
        Tick(0 if place == 0 else WIDTH if place == last else int(slot * (place + 0.5)), points[place].label, _anchor(place, last))
        for place in places
    )


def _anchor(place: int, last: int) -> str:
    return "start" if place == 0 else "end" if place == last else "middle"


def _summary(points: Sequence[Point]) -> str:
    if not points:
        return ""
    high = max(points, key=lambda point: point.value)
    return f"{points[0].label} – {points[-1].label}. {high.label}: {high.text}."
