"""The script that shops put on their pages: public, the same for everybody, cached for an hour."""

import hashlib
import re
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import condition, require_safe

MAX_AGE_S = 3600
COMMENT = re.compile(rb"(?ms)^ +(/\*\*? .*?\*/|// [^\n]*)\n")
"""A comment on its own lines, except the one at the top that tells shops how to use the script."""


@cache
def _script() -> tuple[bytes, str]:
    content = COMMENT.sub(b"", (settings.BASE_DIR / "static" / "widget" / "v1.js").read_bytes())
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _etag(_request: HttpRequest) -> str:
    return _script()[1]


@require_safe
@gzip_page
@condition(etag_func=_etag)
def script(_request: HttpRequest) -> HttpResponse:
    """Answer with the widget's script, which any page may load, also with `crossorigin`."""
    response = HttpResponse(_script()[0], content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = f"public, max-age={MAX_AGE_S}"
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
