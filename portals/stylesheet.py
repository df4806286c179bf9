"""The generated style sheet and icon of a brand color; the color is in the address, so both may be cached for a year."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse

from brands.queries import brand_of
from brands.theme import theme_css, theme_icon

_YEAR_S = 31_536_000


def theme_sheet(_request: HttpRequest, color: str) -> HttpResponse:
    """Answer with the style sheet that replaces the brand tokens; 404 when the address has no valid color."""
    return _answer(theme_css, color, "text/css; charset=utf-8")


def preview_sheet(_request: HttpRequest, color: str) -> HttpResponse:
    """Answer with the style sheet that shows a color only in a preview; 404 when the address has no valid color."""
    return _answer(lambda text: theme_css(text, ".look-frame"), color, "text/css; charset=utf-8")


def theme_picture(request: HttpRequest, color: str) -> HttpResponse:
    """Answer with the mark of the host's brand in a color as SVG; 404 when the address has no valid color."""
    return _answer(lambda text: theme_icon(text, brand_of(request).paths), color, "image/svg+xml")


def _answer(write: Callable[[str], str], color: str, content_type: str) -> HttpResponse:
    try:
        body = write(color)
    except ValueError as error:
        raise Http404 from error
    return HttpResponse(body, content_type=content_type, headers={"Cache-Control": f"public, max-age={_YEAR_S}, immutable"})
