"""The design system as pages: strict markup, no brand in templates, every state shown, checkout light."""

import gzip
import re
from html.parser import HTMLParser

import pytest
from django import forms
from django.template import Context, Template

from bnpl.env import ROOT
from brands.queries import PageBrand
from portals.design.views import SCREENS

pytestmark = pytest.mark.urls("portals.urls")
PAGES = ["/design/", *(f"/design/{name}" for name in SCREENS if name != "mail")]
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))


class Outline(HTMLParser):
    """Collects what the rules are about: tags with their attributes, ids, landmarks."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        assert len(attrs) == len(dict(attrs)), f"an attribute twice in <{tag}>: {attrs}"
        self.tags.append((tag, dict(attrs)))

    def count(self, name):
        return sum(tag == name for tag, _ in self.tags)

    def values(self, attribute):
        return [attrs[attribute] for _, attrs in self.tags if attrs.get(attribute)]


@pytest.fixture(params=PAGES)
def outline(request, client):
    response = client.get(request.param)
    assert response.status_code == 200
    return Outline(response.content.decode())


def test_pages_obey_the_strict_policy(outline):
    for tag, attrs in outline.tags:
        assert tag != "style"
        assert tag != "script" or attrs["src"].startswith("/static/")
        assert not [name for name in attrs if name == "style" or name.startswith("on")]
        for address in (attrs.get("src"), attrs.get("action"), attrs.get("href")):
            assert not (address or "").startswith(("http:", "https:", "//"))


def test_pages_have_one_heading_one_main_and_a_skip_link(outline):
    assert (outline.count("h1"), outline.count("main")) == (1, 1)
    assert ("a", {"class": "skip", "href": "#main"}) in outline.tags
    # The page itself, and where it has a switch, the languages to choose from.
    assert outline.values("lang") in (["en-US"], ["en-US", "en", "da", "sv", "de"])


def test_ids_are_unique_and_references_hit(outline):
    ids = outline.values("id")
    assert len(ids) == len(set(ids))
    for attribute in ("for", "aria-labelledby", "aria-describedby", "aria-controls", "data-open", "data-copy", "form"):
        for value in outline.values(attribute):
            assert set(value.split()) <= set(ids), f"{attribute}={value}"


def test_a_field_with_an_error_keeps_its_hint(client):
    outline = Outline(client.get("/design/").content.decode())
    refused = [attrs for tag, attrs in outline.tags if attrs.get("aria-invalid") and "otc" in (attrs.get("id") or "")]
    assert [attrs["aria-describedby"].split() for attrs in refused] == [["otc2_helptext", "otc2_error"]]


def test_every_control_has_a_name(outline):
    labeled = set(outline.values("for"))
    wrapped = {"radio", "checkbox", "hidden"}
    for tag, attrs in outline.tags:
        if tag in {"input", "select", "textarea"} and attrs.get("type") not in wrapped:
            assert attrs.get("id") in labeled


def test_an_unknown_screen_is_not_found(client):
    assert client.get("/design/nothing").status_code == 404


@pytest.mark.parametrize(("mode", "expected"), [("dark", ["dark"]), ("light", ["light"]), ('"><script>', []), ("", [])])
def test_the_mode_can_be_fixed(client, mode, expected):
    assert Outline(client.get("/design/", {"mode": mode}).content.decode()).values("data-theme") == expected


def test_the_mail_is_inlined_and_loads_nothing(client):
    response = client.get("/design/mail")
    text = response.content.decode()
    assert "<style" not in text
    assert 'class="button" href="https://pay.example/payments" style="' in text
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert Outline(text).values("src") == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_templates_name_no_brand(path):
    assert "kvart" not in path.read_text(encoding="utf-8").lower()


@pytest.mark.parametrize("name", ["tokens.css", "core.css", "checkout.css", "app.css", "layouts.css", "design.css"])
def test_style_sheets_take_colors_from_the_tokens(name):
    text = (ROOT / "static/css" / name).read_text(encoding="utf-8")
    if name != "tokens.css":
        assert not re.findall(r"(?<!%23)(#[0-9a-f]{3,8}\b|oklch\((?!from))", text.replace("in oklch", ""))
    assert "@import" not in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_the_theme_sheet_is_kept_by_the_browser(client):
    response = client.get("/theme/ffd400.css")
    assert response.headers["Content-Type"] == "text/css; charset=utf-8"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert b"--brand: light-dark(#836b00, #f4d66c);" in response.content
    assert client.get("/theme/ffd400.svg").headers["Content-Type"] == "image/svg+xml"
    assert client.get("/theme/red.css").status_code == 404


def spoken(color):
    return PageBrand("b", "Brand", None, "Brand Inc.", "1 Street", "b@brand.example", "help@brand.example", color=color)


@pytest.mark.parametrize(
    ("context", "sheets"),
    [
        ({}, []),
        ({"brand": spoken("#005f3f")}, []),
        ({"brand": spoken("#3b3bff")}, ["/theme/3b3bff.css"]),
        ({"brand": spoken("#3b3bff"), "theme_color": "#D0021B"}, ["/theme/d0021b.css"]),
    ],
)
def test_a_merchants_color_goes_before_the_brands(context, sheets):
    links = Outline(Template("{% theme_link %}").render(Context(context))).tags
    assert [attrs["href"] for _, attrs in links if attrs["rel"] == "stylesheet"] == sheets
    assert sum(attrs["rel"] == "icon" for _, attrs in links) == 1


def test_checkout_weighs_far_less_than_100_kb(client):
    page = gzip.compress(client.get("/design/checkout").content)
    packed = ("css/tokens.css", "css/core.css", "css/checkout.css", "js/app.js", "js/device.js")
    weight = len(page) + sum(len(gzip.compress((ROOT / "static" / name).read_bytes())) for name in packed)
    weight += (ROOT / "static/fonts/inter-latin.woff2").stat().st_size
    assert weight < 45_000


class Refused(forms.Form):
    email = forms.EmailField(label="E-mail", help_text="For receipts.")
    nick = forms.CharField(required=False)
    way = forms.ChoiceField(choices=[("a", "One"), ("b", "Two")], widget=forms.RadioSelect)
    terms = forms.BooleanField()

    def clean(self):
        raise forms.ValidationError("Nothing was charged.")


def test_a_refused_form_says_what_is_wrong_beside_each_field():
    text = str(Refused({"email": "no"}))
    outline = Outline(text)
    mail = next(attrs for tag, attrs in outline.tags if attrs.get("name") == "email")
    assert mail["aria-invalid"] == "true"
    assert mail["aria-describedby"].split() == ["id_email_helptext", "id_email_error"]
    assert {"id_email_helptext", "id_email_error", "id_way_error", "id_terms_error"} <= set(outline.values("id"))
    assert 'role="alert"' in text
    assert "<legend" in text
    assert text.count("<small>optional</small>") == 1


@pytest.mark.parametrize(
    "source",
    [
        '<c-list-row :name="evil" href="{{ evil }}" note="{{ evil }}" :pill="evil" />',
        '<c-plan-option value="{{ evil }}" :title="evil" :note="evil" />',
        '<c-button href="{{ evil }}" name="{{ evil }}">{{ evil }}</c-button>',
        '<c-copy id="a" :label="evil" :value="evil" />',
        '<c-code id="a" :samples="pairs" /><c-key-values :items="pairs" />',
        '<c-banner :title="evil">{{ evil }}</c-banner><c-stat :label="evil" :value="evil" :change="evil" />',
        '<c-card :title="evil" :note="evil" :foot="evil">{{ evil }}</c-card><c-empty :title="evil">{{ evil }}</c-empty>',
    ],
)
def test_texts_from_people_are_escaped(source):
    from django_cotton.compiler_regex import CottonCompiler

    evil = """"'><script>x</script>" onclick="y"""
    compiled = CottonCompiler().process(source)
    outline = Outline(Template(compiled).render(Context({"evil": evil, "pairs": [(evil, evil)]})))
    assert outline.count("script") == 0
    assert [attrs for _, attrs in outline.tags if "onclick" in attrs] == []


def test_a_money_bar_names_what_was_released_only_where_something_was(client):
    page = client.get("/design/").content.decode()
    bars = [bar.split("</ul>")[0] for bar in page.split('<div class="moneybar">')[1:]]
    assert ["Released" in bar for bar in bars] == [False, True]
