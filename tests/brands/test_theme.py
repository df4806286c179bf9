"""Themes: any brand color becomes readable, light and dark; the tokens themselves are."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bnpl.env import ROOT
from brands.rules import QUARTER, read_mark
from brands.theme import DARK_SURFACES, LIGHT_SURFACES, derive_theme, theme_css, theme_icon
from core.color import Oklch, contrast, parse, to_hex

COLOR = r"(?:#[0-9a-f]{3,6}|oklch\([^)]*\))"
TOKENS = {
    name: (parse(light), parse(dark))
    for name, light, dark in re.findall(
        rf"--([\w-]+): light-dark\(({COLOR}), ({COLOR})\)", (ROOT / "static/css/tokens.css").read_text(encoding="utf-8")
    )
}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("#fff", "#ffffff"),
        ("005F3F", "#005f3f"),
        ("oklch(.43 .095 162)", "#005f3f"),
        ("oklch(43% 0.095 162deg)", "#005f3f"),
        (" #d0021b ", "#d0021b"),
    ],
)
def test_a_color_is_read_as_hex_or_oklch(text, shown):
    assert to_hex(parse(text)) == shown


@pytest.mark.parametrize(
    "text", ["", "#12", "#12345", "#ggg", "red", "oklch(2 .1 30)", "oklch(.5 3 30)", "rgb(1,2,3)", "#fff;}body{", "oklch(.5 .1 3"]
)
def test_what_is_no_color_is_refused(text):
    with pytest.raises(ValueError, match="not a color"):
        derive_theme(text)


def test_contrast_of_black_and_white_is_21():
    assert contrast(parse("#000"), parse("#fff")) == pytest.approx(21)
    assert contrast(parse("#777"), parse("#777")) == 1


def test_a_color_outside_of_srgb_keeps_its_lightness():
    shown = parse(to_hex(Oklch(0.6, 0.4, 150)))
    assert shown.lightness == pytest.approx(0.6, abs=0.005)
    assert shown.chroma < 0.25


def test_the_default_brand_is_derived_as_in_the_tokens():
    theme = derive_theme("oklch(.43 .095 162)")
    assert theme.adjusted is False
    assert (theme.light.brand, theme.light.on_brand) == (to_hex(TOKENS["brand"][0]), "#ffffff")
    assert theme.dark.brand == to_hex(TOKENS["brand"][1])


def test_yellow_is_darkened_and_says_so():
    theme = derive_theme("#ffd400")
    assert theme.adjusted is True
    assert theme.light.brand == "#836b00"
    assert theme.given == "#ffd400"


@given(st.integers(0, 0xFFFFFF))
@settings(max_examples=150, deadline=None)
def test_every_color_becomes_readable(number):
    theme = derive_theme(f"#{number:06x}")
    for tone, grounds in ((theme.light, LIGHT_SURFACES), (theme.dark, DARK_SURFACES)):
        brand, on_brand, tint = parse(tone.brand), parse(tone.on_brand), parse(tone.tint)
        assert contrast(brand, on_brand) >= 4.5
        assert min(contrast(brand, ground) for ground in (*grounds, tint)) >= 4.5


@given(st.integers(0, 0xFFFFFF))
@settings(max_examples=50, deadline=None)
def test_adjusted_means_another_color_in_light_mode(number):
    theme = derive_theme(f"#{number:06x}")
    assert theme.adjusted is (theme.light.brand != f"#{number:06x}")


def test_the_sheet_replaces_the_three_brand_tokens():
    assert theme_css("#ffd400") == (
        ":root {\n"
        "  --brand: light-dark(#836b00, #f4d66c);\n"
        "  --on-brand: light-dark(#ffffff, #1a1606);\n"
        "  --tint: light-dark(#f7f1dd, #332b0f);\n"
        "}\n"
    )


def test_the_icon_is_drawn_in_the_color():
    assert "fill:#836b00" in theme_icon("#ffd400", read_mark(QUARTER))


def test_the_surfaces_are_those_of_the_tokens():
    for place, surfaces in ((0, LIGHT_SURFACES), (1, DARK_SURFACES)):
        assert {to_hex(surface) for surface in surfaces} == {to_hex(TOKENS["card"][place]), to_hex(TOKENS["paper"][place])}


TEXT_PAIRS = [
    *((text, ground) for text in ("ink", "soft", "brand", "good", "bad", "warn") for ground in ("paper", "card")),
    *(("soft", ground) for ground in ("mute", "tint", "info-tint", "warn-tint", "bad-tint", "good-tint")),
    *((tone, f"{tone}-tint") for tone in ("good", "info", "warn", "bad")),
    ("on-brand", "brand"),
    ("on-bad", "bad"),
    ("brand", "tint"),
]


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_every_text_token_is_readable_on_its_ground(text, ground, mode):
    assert contrast(TOKENS[text][mode], TOKENS[ground][mode]) >= 4.5


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["card", "paper"])
def test_edges_of_controls_are_visible(ground, mode):
    assert contrast(TOKENS["edge"][mode], TOKENS[ground][mode]) >= 3
