"""Color arithmetic: hex, OKLCH and WCAG contrast. Pure; knows nothing of pages."""

import math
import re
from dataclasses import dataclass, replace

_HEX = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_OKLCH = re.compile(r"oklch\(\s*([\d.]+)(%?)\s+([\d.]+)\s+([\d.]+)(?:deg)?\s*\)", re.IGNORECASE)

Rgb = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Oklch:
    """A color by lightness (0-1), chroma (0-.4) and hue (degrees)."""

    lightness: float
    chroma: float
    hue: float

    def lighter(self, step: float) -> "Oklch":
        """Return the color moved by a step of lightness, kept between black and white."""
        return replace(self, lightness=min(1.0, max(0.0, self.lightness + step)))


def parse(text: str) -> Oklch:
    """Read `#abc`, `abcdef` or `oklch(.43 .095 162)`; ValueError for anything else."""
    text = text.strip()
    if match := _OKLCH.fullmatch(text):
        lightness = float(match[1]) / (100 if match[2] else 1)
        color = Oklch(lightness, float(match[3]), float(match[4]) % 360)
        if not (0 <= color.lightness <= 1 and color.chroma <= 0.5):
            raise ValueError(f"not a color: {text}")
        return color
    match = _HEX.fullmatch(text)
    if not match:
        raise ValueError(f"not a color: {text}")
    digits = match[1] if len(match[1]) == 6 else "".join(2 * digit for digit in match[1])
    red, green, blue = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    return _from_linear((_linear(red), _linear(green), _linear(blue)))


def to_hex(color: Oklch) -> str:
    """Return `#rrggbb` in sRGB; a color outside of it loses chroma, never lightness or hue."""
    return "#" + "".join(f"{round(_encoded(channel) * 255):02x}" for channel in _in_gamut(color))


def contrast(one: Oklch, other: Oklch) -> float:
    """Return the WCAG 2 contrast ratio (1-21) of two colors as they are shown, rounded to 8 bits."""
    brighter, darker = sorted((_luminance(to_hex(one)), _luminance(to_hex(other))), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(shown: str) -> float:
    red, green, blue = (_linear(int(shown[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _in_gamut(color: Oklch) -> Rgb:
    low, high = 0.0, color.chroma
    rgb = _to_linear(color)
    if _fits(rgb):
        return rgb
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (middle, high) if _fits(_to_linear(replace(color, chroma=middle))) else (low, middle)
    red, green, blue = (min(1.0, max(0.0, channel)) for channel in _to_linear(replace(color, chroma=low)))
    return red, green, blue


def _fits(rgb: Rgb) -> bool:
    return all(-0.0005 <= channel <= 1.0005 for channel in rgb)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _encoded(channel: float) -> float:
    channel = min(1.0, max(0.0, channel))
    return 12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


def _from_linear(rgb: Rgb) -> Oklch:
    # Matrices of Bjorn Ottosson, "A perceptual color space for image processing" (2020).
    red, green, blue = rgb
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return Oklch(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360)


def _to_linear(color: Oklch) -> Rgb:
    a = color.chroma * math.cos(math.radians(color.hue))
    b = color.chroma * math.sin(math.radians(color.hue))
    long = (color.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (color.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (color.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
