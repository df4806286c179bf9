"""Turns a brand color into a readable theme, light and dark. Pure.

The surface colors below are those of `static/css/tokens.css`; a test compares them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from brands.rules import Faulty
from core.color import Oklch, contrast, parse, to_hex
from core.sentences import Sentence

DEFAULT = "#005f3f"
MIN_CONTRAST = 4.5
WHITE = Oklch(1, 0, 0)
LIGHT_SURFACES = (WHITE, Oklch(0.985, 0.004, 95))
DARK_SURFACES = (Oklch(0.18, 0.015, 265), Oklch(0.225, 0.018, 265))
_STEP = 0.005
SQUARE = '<path d="M4.5 0h9A4.5 4.5 0 0 1 18 4.5v9a4.5 4.5 0 0 1-4.5 4.5h-9A4.5 4.5 0 0 1 0 13.5v-9A4.5 4.5 0 0 1 4.5 0z"/>'


@dataclass(frozen=True, slots=True)
class Tone:
    """The three brand tokens of one mode, as `#rrggbb`."""

    brand: str
    on_brand: str
    tint: str


@dataclass(frozen=True, slots=True)
class Theme:
    """The theme of a brand color in both modes; `adjusted` if the color had to be darkened to be readable."""

    given: str
    light: Tone
    dark: Tone
    adjusted: bool


def derive_theme(color: str) -> Theme:
    """Derive the brand tokens from a hex or oklch color; every pair of text and background has a contrast of 4.5 or more.

    `adjusted` is set if the given color was too light for text, or behind white text, and was darkened.
    Raises ValueError for a text that is not a color.
    """
    given = parse(color)
    light, dark = _light(given), _dark(given)
    return Theme(given=to_hex(given), light=light, dark=dark, adjusted=light.brand != to_hex(given))


def readable(color: str) -> str:
    """Return a color (or an empty text) unchanged; Faulty if white text on it, or text in it on a light background, is not readable.

    Both need a contrast of 4.5 (WCAG AA for text). Dark pages use a lighter tone, whose contrast is always high enough.
    """
    if color and (theme := derive_theme(color)).adjusted:
        ratio = f"{contrast(WHITE, parse(color)):.1f}"
        raise Faulty(
            Sentence(
                "%(given)s is too light: its contrast with white is %(ratio)s, and it has to be well over %(least)s. %(near)s can be read.",
                given=color,
                ratio=ratio,
                least=str(MIN_CONTRAST),
                near=theme.light.brand,
            )
        )
    return color


@dataclass(frozen=True, slots=True)
class Pair:
    """A text color on a background in one mode (`light` or `dark`), both as `#rrggbb`, with their contrast; `what` names the pair."""

    what: str
    mode: str
    letters: str
    ground: str
    ratio: float

    @property
    def is_readable(self) -> bool:
        """Whether the pair has the contrast of WCAG AA for text."""
        return self.ratio >= MIN_CONTRAST


def list_pairs(theme: Theme) -> list[Pair]:
    """Return each pair of text and background color in a theme, light mode first: buttons, links on cards and pages, tinted areas."""
    found = []
    for mode, tone, (card, paper) in (("light", theme.light, LIGHT_SURFACES), ("dark", theme.dark, DARK_SURFACES[::-1])):
        grounds = (("button", tone.on_brand, tone.brand), ("card", tone.brand, to_hex(card)), ("paper", tone.brand, to_hex(paper)))
        for what, letters, ground in (*grounds, ("tint", tone.brand, tone.tint)):
            found.append(Pair(what, mode, letters, ground, contrast(parse(letters), parse(ground))))
    return found


def theme_css(color: str, where: str = ":root") -> str:
    """Return the style sheet that sets the brand tokens of a color, on the page or a part of it; ValueError if it is not a color."""
    theme = derive_theme(color)
    pairs = (
        ("brand", theme.light.brand, theme.dark.brand),
        ("on-brand", theme.light.on_brand, theme.dark.on_brand),
        ("tint", theme.light.tint, theme.dark.tint),
    )
    lines = "".join(f"  --{name}: light-dark({light}, {dark});\n" for name, light, dark in pairs)
    return f"{where} {{\n{lines}}}\n"


def theme_icon(color: str, paths: Iterable[tuple[str, bool]]) -> str:
    """Return a logo mark as an SVG picture in a brand color, light and dark; a square if it has no paths. ValueError without a color."""
    theme = derive_theme(color)
    drawn = "".join(_drawn(path, is_pale=pale) for path, pale in paths)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 18 18"><style>'
        f"path{{fill:{theme.light.brand}}}@media(prefers-color-scheme:dark){{path{{fill:{theme.dark.brand}}}}}</style>"
        f"{drawn or SQUARE}</svg>"
    )


def _drawn(path: str, *, is_pale: bool) -> str:
    opacity = ' opacity=".35"' if is_pale else ""
    return f'<path{opacity} d="{path}"/>'


def _light(given: Oklch) -> Tone:
    tint = Oklch(0.958, min(0.028, given.chroma * 0.3), given.hue)
    brand = given
    while any(contrast(brand, ground) < MIN_CONTRAST for ground in (*LIGHT_SURFACES, tint)):
        brand = brand.lighter(-_STEP)
    return Tone(brand=to_hex(brand), on_brand=to_hex(WHITE), tint=to_hex(tint))


def _dark(given: Oklch) -> Tone:
    tint = Oklch(0.29, min(0.045, given.chroma * 0.5), given.hue)
    on_brand = Oklch(0.2, min(0.03, given.chroma), given.hue)
    brand = replace(given, lightness=max(0.78, given.lightness), chroma=min(0.13, given.chroma * 1.37))
    while any(contrast(brand, ground) < MIN_CONTRAST for ground in (*DARK_SURFACES, tint, on_brand)):
        brand = brand.lighter(_STEP)
    return Tone(brand=to_hex(brand), on_brand=to_hex(on_brand), tint=to_hex(tint))
