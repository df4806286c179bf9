"""A name as words in plain Latin letters, and how much words of each kind say; pure."""

import re
import unicodedata

from anyascii import anyascii

_WORD = re.compile(r"[a-z0-9]+")
PARTICLES = frozenset(
    _WORD.findall(
        "al el ul ad ar as at az an ash abd abu abou bin ibn ben bint de del della di da dos das do du la le los las van von der den "
        "ter y e i and of the for in a "
    )
)
"""Articles, prepositions and words of descent, which are written or left out at will."""
TITLES = frozenset(
    _WORD.findall(
        "mr mrs ms miss dr prof professor sir lord dame general gen colonel col major maj captain capt sheikh shaykh sheik mullah "
        "mulla maulavi mawlawi haji hajji hadji alhaj sayyid sayed "
    )
)
FORMS = frozenset(_WORD.findall("ltd limited llc inc sa co corp company sarl gmbh ag srl spa plc ooo oao zao cv ltda cia bv nv"))
"""Legal forms of companies."""
LONGEST, MOST = 40, 16
"""The letters of a word and the words of a name that are compared; whatever follows is left out."""
_APOSTROPHES = re.compile("['`´’‘ʻʼʾʿ\"]")
_DOTTED = re.compile(r"\b((?:\w\.)+\w?)(?=\W|$)")
_FIRST_LETTERS = (
    ("ph", "f"),
    ("kh", "h"),
    ("gh", "g"),
    ("sh", "s"),
    ("ch", "c"),
    ("dh", "d"),
    ("th", "t"),
    ("dj", "j"),
    ("ck", "k"),
    ("x", "ks"),
)
_ARABIC = str.maketrans("عاىةو", "aaaaw")
"""Arabic letters that are read as vowels, and that have no sign of their own in ASCII."""
_ONE_SOUND = str.maketrans("qczvyw", "kksuiu")


def words_of(name: str) -> list[str]:
    """Return the words of a name in lower case ASCII: without accents and apostrophes, `S.A.` as `sa`, hyphens as spaces."""
    text = _APOSTROPHES.sub("", unicodedata.normalize("NFKC", name).translate(_ARABIC))
    text = _DOTTED.sub(lambda found: found[1].replace(".", ""), text)
    # Each Chinese or Korean character is a syllable; they are read together where a list writes them together.
    spaced = "".join(f" {one} " if "\u4e00" <= one <= "\u9fff" or "\uac00" <= one <= "\ud7a3" else one for one in text)
    return [word[:LONGEST] for word in _WORD.findall(_APOSTROPHES.sub("", anyascii(spaced).lower()))[:MOST]]


def says(word: str) -> float:
    """Return how much a word says beside others, from 0 to 1: particles, titles and legal forms say little."""
    if word in PARTICLES or word in TITLES:
        return 0.25
    return 0.3 if word in FORMS else 1.0


def skeleton_of(word: str) -> str:
    """Return a word's consonants, with those that transliterations confuse as one: muhammad, mohamed and mhmd are `mmd`."""
    for letters, one in _FIRST_LETTERS:
        word = word.replace(letters, one)
    word = word.translate(_ONE_SOUND)
    first = word[:1]
    kept = "a" if first in "aeiou" else first
    for letter in word[1:]:
        if letter not in "aeiouh" and letter != kept[-1:]:
            kept += letter
    return kept
