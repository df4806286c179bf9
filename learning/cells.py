"""Cuts blocks of lines into cells, and reads many numbers at once: eight characters are one integer of 64 bits, on which arrays calculate.

Numbers are the very ones that `float` gives: at most eight digits, divided by an exact power of ten, are rounded once.
"""

import numpy as np
from numpy.typing import NDArray

from learning.tables import UNKNOWN, Floats

Places = NDArray[np.intp]
_PAD = b"\0" * 8
_EACH = 0x0101010101010101
_SEVEN, _TOP, _ZEROS, _DOTS = (np.uint64(_EACH * byte) for byte in (0x7F, 0xF0, 0x30, 0x2E))
_SIXES, _DIGITS, _LOW = np.uint64(_EACH * 6), np.uint64(_EACH * 0x33), np.uint64(_EACH * 0x0F)
_PAIRS, _FOURS = np.uint64(0x00FF00FF00FF00FF), np.uint64(0x0000FFFF0000FFFF)
_POWERS = 10.0 ** np.arange(9)
WIDE = 8


def cut(block: bytes, mark: str, width: int) -> tuple[Places, Places] | None:
    """Return where the cells of each line begin and end, as arrays of (line, cell); None if a line does not have `width` plain cells.

    The block ends with a line end, and has neither quotes nor carriage returns.
    """
    codes = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero((codes == ord(mark)) | (codes == 10))
    if len(ends) % width:
        return None
    is_line_end = (codes[ends] == 10).reshape(-1, width)
    if not is_line_end[:, -1].all() or is_line_end[:, :-1].any():
        return None
    starts = np.append(0, ends[:-1] + 1)
    return starts.reshape(-1, width), ends.reshape(-1, width)


def numbers_of(block: bytes, starts: Places, ends: Places) -> tuple[Floats, int]:
    """Return the numbers of cells, NaN for unknown, and the place of the first cell that is no number; -1 if there is none."""
    padded = block + _PAD
    words: NDArray[np.uint64] = np.ndarray(len(block), "<u8", padded, strides=(1,))
    is_negative = np.frombuffer(padded, np.uint8)[starts] == ord("-")
    begins, lengths = starts + is_negative, ends - starts - is_negative
    found, is_plain = _short(words[begins], np.minimum(lengths, WIDE).astype(np.uint64))
    is_plain &= lengths <= WIDE
    found[is_negative] *= -1
    is_empty = ends == starts
    found[is_empty] = np.nan
    for place in np.flatnonzero(~is_plain & ~is_empty).tolist():
        number = number_of(block[starts[place] : ends[place]].decode())
        if number is None:
            return found, place
        found[place] = number
    return found, -1


def _short(word: NDArray[np.uint64], length: NDArray[np.uint64]) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the numbers of words that hold up to eight characters, digits with at most one point; and whether they are that."""
    eight, one = np.uint64(8), np.uint64(1)
    # The characters move to the end of the word, which is its upper part.
    word <<= (eight - length) * eight
    other = word ^ _DOTS
    dot = ~(((other & _SEVEN) + _SEVEN) | other | _SEVEN)
    has_dot = dot != 0
    place = (np.frexp(dot.astype(float))[1] // 8 - 1) * has_dot
    below = np.where(has_dot, (dot >> np.uint64(7)) - one, 0).astype(np.uint64)
    upper = np.where(has_dot, ~((below << eight) | np.uint64(0xFF)), ~np.uint64(0)).astype(np.uint64)
    word = (word & upper) | ((word & below) << eight)
    digits = length - has_dot.astype(np.uint64)
    word |= _ZEROS & ((one << ((eight - digits) * eight)) - one)
    is_plain = ((word & _TOP) | (((word + _SIXES) & _TOP) >> np.uint64(4))) == _DIGITS
    # A second point is no digit.
    is_plain &= digits > 0
    word = ((word & _LOW) * np.uint64(2561)) >> eight
    word = ((word & _PAIRS) * np.uint64(6553601)) >> np.uint64(16)
    word = ((word & _FOURS) * np.uint64(42949672960001)) >> np.uint64(32)
    return word.astype(float) / _POWERS[np.where(has_dot, 7 - place, 0)], is_plain


def number_of(cell: str) -> float | None:
    """Return the number of a cell, NaN for what means unknown; None for a word."""
    text = cell.strip()
    if text.lower() in UNKNOWN:
        return float("nan")
    try:
        number = float(text)
    except ValueError:
        return None
    if "_" in text:
        return None
    return number if abs(number) != float("inf") else float("nan")
