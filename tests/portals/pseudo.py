"""A language in which every text stands in brackets: what is left outside of them on a page was not marked for translation."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import django
import rest_framework
from babel import Locale
from babel.messages import Catalog
from babel.messages.mofile import read_mo, write_mo
from django.urls import resolve

from core.catalogs import languages
from tests.gathered import gathered

SEEN = ("title", "aria-label", "placeholder", "alt", "content", "data-label", "data-tip")
UNSEEN = {"script", "style", "svg", "template", "code"}
VOID = {"input", "br", "img", "hr", "meta", "link", "wbr"}
WRITTEN = {"en", "da", "sv", "de"}
"""Languages of which an element says that all in it is written in it, as guides and samples of letters are: no catalog brings its words."""
ICON = "material-symbols-outlined"
"""The class of a theme's icon: its text names a picture."""
NAMES = re.compile(r"\b[a-z]{2,5}_[0-9a-z]{20,}\b|[^\s⟦⟧]+@[^\s⟦⟧]+|https?://[^\s⟦⟧]+|[0-9a-f]{8}-[0-9a-f-]{27}|#[0-9a-f]{6}\b")
"""Public ids, addresses, keys, colors."""
INNERMOST = re.compile(r"⟦[^⟦⟧]*⟧")
WORD = re.compile(r"[^\W\d_]{2,}")
LIBRARIES = (Path(django.__file__).parent, Path(rest_framework.__file__).parent)

# What no catalog can bring: names, marks, addresses, the languages' own names, states, what dates of Denmark are made of.
GIVEN = set(
    WORD.findall("""
        Dansk Deutsch English Svenska dansk svenska da de en sv Nordlys Lamps Lamp Visa Stripe Twilio Verify Messaging
        kvart Kvart Finance Inc LLC help example com den esc USA US USD FAQ UTC ID API HTTP SMS uge uger om siden
        Sverige Danmark Tyskland Storbritannien Australien AU AUD DE DK DKK EUR GB GBP SE SEK America Los Angeles
        Example Square Exampleville EX
    """)
)
DANISH = Locale.parse("da")
GIVEN |= {
    word for forms in (DANISH.months, DANISH.days) for widths in forms.values() for names in widths.values() for word in names.values()
}
GIVEN |= {word.rstrip(".") for word in GIVEN}
LEAVING = re.compile("sign-out|logout|/language")


class Texts(HTMLParser):
    """Gathers what a page says: its texts, and the attributes that are read out or shown."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.text = ""
        self.hidden = self.icon = 0

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if self.icon or ICON in (told.get("class") or "").split() or (tag not in {"a", "html"} and told.get("lang") in WRITTEN):
            self.icon += tag not in VOID
        self.hidden += tag in UNSEEN
        if not (tag == "meta" and told.get("name") != "description"):
            self.found += [told[name] for name in SEEN if told.get(name)]
        if tag == "input" and told.get("type") in {"submit", "button"}:
            self.found.append(told.get("value") or "")

    def handle_endtag(self, tag):
        self.hidden -= tag in UNSEEN
        self.icon -= bool(self.icon)

    def handle_data(self, data):
        if not self.hidden and not self.icon:
            self.text += f" {data} "


def left_over(page: str) -> set[str]:
    """Return the words of a page that no translation brought."""
    reader = Texts()
    reader.feed(page)
    # A translated sentence may hold elements: its brackets stand in two texts of the page.
    return set().union(*(outside(text) for text in [*reader.found, reader.text]))


def outside(text: str) -> set[str]:
    """Return the words of a text that stand in no brackets."""
    before, text = "", NAMES.sub(" ", text)
    while text != before:
        before, text = text, INNERMOST.sub(" ", text)
    return set(WORD.findall(text))


def words_of(texts: Iterable[object]) -> set[str]:
    """Return the words of some values."""
    return {word for text in texts for word in WORD.findall(str(text))}


def write_pseudo(folder: Path) -> Path:
    """Write a Danish catalog that puts every text in brackets, ours and those of Django that it brings in all our languages."""
    catalog = Catalog()
    for message in (*gathered(), *_of_libraries()):
        catalog.add(message.id, context=message.context)
    for message in catalog:
        if message.id:
            texts = (message.id,) if isinstance(message.id, str) else message.id
            bracketed = tuple(f"⟦{text}⟧" for text in texts)
            message.string = bracketed if message.pluralizable else bracketed[0]
    place = folder / "da" / "LC_MESSAGES"
    place.mkdir(parents=True)
    with (place / "django.mo").open("wb") as file:
        write_mo(file, catalog)
    return folder


def _of_libraries() -> list:
    """Return the texts of Django and its REST framework that exist in each of our languages."""
    found: dict[str, Catalog] = {}
    for language in languages():
        found[language] = Catalog()
        for library in LIBRARIES:
            for path in library.rglob(f"locale/{language}/LC_MESSAGES/django.mo"):
                with path.open("rb") as file:
                    for message in read_mo(file):
                        context = message.context.decode() if message.context else None
                        found[language].add(message.id, message.string, context=context)
    first, *others = found.values()
    return [
        one for one in first if one.id and all(other.get(one.id if isinstance(one.id, str) else one.id[0], one.context) for other in others)
    ]


def crawl(client, *starts: str, within: str, known: Iterable[str] = (), each: int = 2, blanks: bool = False) -> dict[str, set[str]]:
    """Follow the links of pages as `follow` does; return the words of each page that no translation brought."""
    given = GIVEN | set(known)
    pages = follow(client, *starts, within=within, each=each, blanks=blanks)
    return {address: words for address, page in pages if (words := left_over(page) - given)}


def follow(client, *starts: str, within: str | tuple[str, ...], each: int = 2, blanks: bool = False) -> Iterator[tuple[str, str]]:
    """Follow the links of pages, `each` times to one view; yield the address and the HTML of each.

    The pages are those of which the address begins with `within`. With `blanks`, each form that writes is also sent without values;
    the address of its answer is "POST " and the form's.
    """
    waiting, seen, visits = list(starts), set(starts), Counter()
    while waiting:
        address = waiting.pop(0)
        method, _, path = address.rpartition(" ")
        view = (method, *_view(path))
        if visits[view] >= (1 if method else each):
            continue
        visits[view] += 1
        answer = client.post(path, follow=True) if method else client.get(path, follow=True)
        if not answer.get("Content-Type", "").startswith("text/html"):
            continue
        assert answer.status_code < 500, (address, answer.status_code)
        page = answer.content.decode()
        yield address, page
        here = answer.request["PATH_INFO"]
        for link in [*_links(page, here, within), *(_forms(page, here, within) if blanks else ())]:
            if link not in seen:
                seen.add(link)
                waiting.append(link)


def _view(address: str) -> tuple[str, bool]:
    """Return the name of the view, and whether the address asks for something of a list."""
    path, _, query = address.partition("?")
    return resolve(path).view_name, bool(query)


def _forms(page: str, path: str, within: str | tuple[str, ...]) -> list[str]:
    """Return the addresses of forms that write."""
    forms = (form for form in re.findall(r"<form[^>]*>", page) if re.search(r'method="post"', form, re.IGNORECASE))
    actions = (re.search(r'\saction="([^"]*)"', form) for form in forms)
    found = (urljoin(path, unescape(action[1])) if action and action[1] else path for action in actions)
    return [f"POST {link}" for link in dict.fromkeys(found) if link.startswith(within) and not LEAVING.search(link)]


def _links(page: str, path: str, within: str | tuple[str, ...]) -> list[str]:
    found = (urldefrag(urljoin(path, unescape(link)))[0] for link in re.findall(r'<a [^>]*?href="([^"]+)"', page))
    return [link for link in dict.fromkeys(found) if link.startswith(within) and not LEAVING.search(link)]
