"""HTML pages: templates from `html/`, everything escaped, a strict content security policy."""

from html import escape
from importlib.util import find_spec
from pathlib import Path
from string import Template

from sandbox.message import Answer, Request
from sandbox.texts import CATALOGS, language, say, translated_marks
from sandbox.world import World

HERE = Path(__file__).parent
# The shared templates, and those of each company; all names are unique.
SOURCES = {path.stem: path.read_text() for path in [*HERE.glob("html/*.html"), *HERE.glob("companies/*/html/*.html")]}
TEMPLATES = {(name, into): Template(translated_marks(source, into)) for name, source in SOURCES.items() for into in CATALOGS}
MONTH_S = 30 * 24 * 3600
STATIC = {"sandbox.css": "text/css; charset=utf-8", "mark.svg": "image/svg+xml"}
FONTS = frozenset({"Inter-Regular.woff2", "Inter-Medium.woff2", "Inter-SemiBold.woff2", "Inter-Bold.woff2"})
POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; frame-src 'self'; form-action {form_action}; "
    "base-uri 'none'; frame-ancestors {ancestors}"
)


class Safe(str):
    """Text that is already HTML."""

    __slots__ = ()


def fill(name: str, **values: object) -> Safe:
    """Fill a template; values that are not `Safe` are escaped."""
    return Safe(
        TEMPLATES[name, language()].substitute(
            {key: value if isinstance(value, Safe) else escape(str(value)) for key, value in values.items()}
        )
    )


def page(
    title: str, body: Safe, *, status: int = 200, layout: str = "layout", form_action: str = "'self'", ancestors: str = "'none'"
) -> Answer:
    """A whole page with its security headers."""
    html = fill(layout, language=language(), title=title, body=body)
    return html_answer(html, status, POLICY.format(form_action=form_action, ancestors=ancestors))


def html_answer(html: str, status: int, policy: str) -> Answer:
    """HTML with a content security policy."""
    headers = (
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cache-Control", "no-store"),
    )
    return Answer(status, html.encode("utf-8", "replace"), "text/html; charset=utf-8", headers)


def missing(what: str) -> Answer:
    """A page that says what does not exist; `what` is a text of the catalogs."""
    return page(say("Not found"), fill("missing", what=say(what)), status=404)


def static(_world: World, request: Request) -> Answer:
    """The sandbox's own style sheet and mark."""
    name = request.params["name"]
    return _file(HERE / "static" / name, STATIC[name]) if name in STATIC else missing("This file does not exist.")


def font(_world: World, request: Request) -> Answer:
    """The font Inter, from the admin theme's files if the theme is installed; pages are readable without it."""
    name = request.params["name"]
    theme = find_spec("unfold") if name in FONTS else None
    path = Path(theme.origin).parent / "static/unfold/fonts/inter" / name if theme and theme.origin else None
    return _file(path, "font/woff2") if path and path.exists() else missing("This file does not exist.")


def _file(path: Path, content_type: str) -> Answer:
    return Answer(
        200, path.read_bytes(), content_type, (("Cache-Control", f"public, max-age={MONTH_S if 'font' in content_type else 60}"),)
    )


def code(text: str) -> Safe:
    """A text for machines, such as a path."""
    return Safe(f"<code>{escape(text)}</code>")


def link(address: str, text: str) -> Safe:
    """An anchor."""
    return Safe(f'<a href="{escape(address)}">{escape(text)}</a>')
