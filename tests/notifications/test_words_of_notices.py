"""Other words of a notice are another version, which each kept notice names."""

import ast
import hashlib
import io
from pathlib import Path

from babel.messages.extract import extract_python
from django.conf import settings
from django.utils.translation import templatize

from core.catalogs import languages
from core.translations import FUNCTIONS, read_catalog
from plans.documents.refusal import VERSION

WORDS = {"2026-11-30.5": "ff9c1885fe785acf538ac2a2061c3007f43cc89b431061652fb76a4c97cb1316"}
WRITERS = ("plans/documents/refusal.py", "checkout/refusing.py", "notifications/refusals.py", "credit/reasons.py")
PARTS = ("bureau", "score", "registers", "decided", "equal_credit")


def words() -> bytes:
    """Return all words of the notices, in every language, with the code and the templates that put them together."""
    root = Path(settings.BASE_DIR)
    code = [(root / name).read_text() for name in WRITERS]
    parts = [(root / f"templates/mail/{name}.txt").read_text() for name in PARTS]
    sources = [*code, *(templatize(part) for part in parts)]
    functions = dict.fromkeys(FUNCTIONS)
    found = {text for source in sources for _, _, text, _ in extract_python(io.BytesIO(source.encode()), functions, [], {}) if text}
    catalogs = [read_catalog(language) for language in languages()]
    told = [str(catalog.get(text).string) for text in sorted(one for one in found if isinstance(one, str)) for catalog in catalogs]
    assert all(told)
    return "\n".join([*(ast.dump(ast.parse(source)) for source in code), *parts, *told]).encode()


def test_other_words_of_a_notice_are_another_version():
    assert WORDS[VERSION] == hashlib.sha256(words()).hexdigest(), "the words changed: raise VERSION and note their hash here"
