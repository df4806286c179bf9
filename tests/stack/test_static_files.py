"""Style sheets, scripts and fonts as they are served in production: hashed names, compressed, kept for good."""

import gzip
import re

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.http import HttpResponse
from django.test import RequestFactory
from whitenoise.middleware import WhiteNoiseMiddleware

from bnpl.env import ROOT

STORAGE = "whitenoise.storage.CompressedManifestStaticFilesStorage"


@pytest.fixture
def serve(settings, tmp_path):
    """Collect the platform's own files as an installation does; give a function that asks for one by its plain name."""
    settings.STATIC_ROOT = tmp_path
    settings.STATICFILES_DIRS = [ROOT / "static"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = False
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": STORAGE}}
    call_command("collectstatic", interactive=False, verbosity=0)
    middleware = WhiteNoiseMiddleware(lambda _request: HttpResponse(status=404))

    def ask(name: str):
        return middleware(RequestFactory().get(staticfiles_storage.url(name), headers={"Accept-Encoding": "gzip, br"}))

    return ask


def test_files_are_hashed_compressed_and_kept_for_good(serve):
    for name in ("css/tokens.css", "css/core.css", "css/checkout.css", "css/app.css", "js/app.js", "js/beside.js"):
        assert re.search(r"\.[0-9a-f]{12}\.(css|js)$", staticfiles_storage.url(name)), name
        answer = serve(name)
        assert (answer.status_code, answer["Content-Encoding"], answer["Vary"]) == (200, "gzip", "Accept-Encoding"), name
        assert answer["Cache-Control"] == "max-age=315360000, public, immutable", name
        assert len(b"".join(answer)) < (ROOT / "static" / name).stat().st_size / 2, name


def test_a_font_is_compressed_already_and_named_by_its_hash_in_the_sheet(serve):
    font = serve("fonts/inter-latin.woff2")
    assert font.headers.get("Content-Encoding") is None
    assert font["Cache-Control"] == "max-age=315360000, public, immutable"
    sheet = gzip.decompress(b"".join(serve("css/tokens.css"))).decode()
    assert staticfiles_storage.url("fonts/inter-latin.woff2").rpartition("/")[2] in sheet
