"""The guides, in the reader's language if there is a translation; each is read and rendered once in a process."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_noop

from portals.guides.render import Rendered, render

FOLDER = Path(settings.BASE_DIR) / "docs" / "guides"
NAMES = {
    "consumer": gettext_noop("For consumers"),
    "merchant": gettext_noop("For shops"),
    "integrate": gettext_noop("Integrate a shop"),
    "widget": gettext_noop("The widget"),
    "operator": gettext_noop("For operators"),
    "installation": gettext_noop("Installation"),
}
"""The guides by name, in the order of the menu, with the menu's text."""
ENGLISH = settings.LANGUAGE_CODE.partition("-")[0]
WEB = ("https://", "http://", "mailto:")


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide for readers of a language; `language` is the language in which it is written."""

    name: str
    language: str
    page: Rendered

    @property
    def path(self) -> str:
        """The address of the guide."""
        return reverse("guide", args=[self.name])


@cache
def get_guide(name: str, language: str) -> Guide:
    """Return a guide in a language, otherwise in English. `name` is one of `NAMES`.

    In every language, its anchors are those of the English guide, so that links from outside work in all of them.
    """
    label = NAMES[name]
    assert label
    own = FOLDER / language / f"{name}.md"
    written = language if own.exists() else ENGLISH
    with translation.override(language):
        text = (own if own.exists() else FOLDER / f"{name}.md").read_text(encoding="utf-8")
        anchors = [section.anchor for section in get_guide(name, ENGLISH).page.sections] if own.exists() else []
        return Guide(name, written, render(text, address_of, anchors))


def list_guides(language: str) -> list[Guide]:
    """Return all guides in a language, in the order of the menu."""
    return [get_guide(name, language) for name in NAMES]


def address_of(target: str) -> str:
    """Return the address of a link's target on the site: another guide, a place in this one, the web; empty for other files."""
    if target.startswith((*WEB, "#")):
        return target
    path, _, anchor = target.partition("#")
    name = Path(path).name.removesuffix(".md")
    if name not in NAMES or path.count("/") > path.count("../") or not path.endswith(".md"):
        return ""
    return reverse("guide", args=[name]) + (f"#{anchor}" if anchor else "")
