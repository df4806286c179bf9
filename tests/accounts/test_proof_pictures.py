"""What is no photo is refused before it is unpacked; of what is one, nothing stays but the picture."""

import io
import tracemalloc

import pytest
from PIL import Image

from accounts.proofs.pictures import NotAPicture, clean, marked
from tests.pictures import CLEANED, REFUSED, photo


def test_a_file_that_is_no_photo_is_refused_and_takes_no_memory():
    tracemalloc.start()
    for name, body in REFUSED.items():
        tracemalloc.reset_peak()
        with pytest.raises(NotAPicture) as caught:
            pytest.fail(f"{name}: {len(clean(body))}")
        assert caught.value.fault, name
        assert tracemalloc.get_traced_memory()[1] < 80_000_000, name
    tracemalloc.stop()


def test_of_a_photo_nothing_stays_but_the_picture():
    for name, body in CLEANED.items():
        kept = clean(body)
        assert not any(word in kept for word in (b"secret", b"script", b"PhoneMaker", b"Exif", b"PK\x03\x04", b"MZ\x00")), name
        with Image.open(io.BytesIO(kept)) as picture:
            assert (picture.format, picture.mode, len(picture.getexif())) == ("JPEG", "RGB", 0), name
            assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}, name
    assert len(REFUSED) + len(CLEANED) > 30


def test_a_photo_stands_upright_is_made_smaller_and_is_marked_when_shown():
    with Image.open(io.BytesIO(clean(CLEANED["photo with the place"]))) as picture:
        assert picture.size == (400, 640)
    kept = clean(photo(size=(7_000, 5_000)))
    with Image.open(io.BytesIO(kept)) as picture:
        assert max(picture.size) == 1_800
    shown = marked(kept, "anna@lender.example 2026-12-01")
    with Image.open(io.BytesIO(shown)) as one, Image.open(io.BytesIO(kept)) as other:
        assert one.size == other.size
        assert len(one.getcolors(1 << 24)) > len(other.getcolors(1 << 24))
