"""Array literals arrive as what was written."""

import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.arrays import plain_array, text_array
from core.db import rows

pytestmark = pytest.mark.django_db
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.one_of(TEXTS, st.sampled_from(["", "NULL", "null", "{}", ",", '"', "\\", "\\\\", "'", "%s", " a ", "\n"]))))
def test_texts_arrive_as_they_are(values, db):
    assert rows("SELECT u FROM unnest(%s::text[]) AS u", [text_array(values)]) == [(value,) for value in values]


def test_a_text_that_the_database_cannot_hold_is_refused():
    with pytest.raises(ValueError, match="null character"):
        text_array(["a", "b\0c"])


def test_keys_numbers_moments_and_nothing():
    key, at = uuid.uuid4(), datetime(2026, 11, 22, 9, 30, 1, 5, tzinfo=UTC)
    sql = "SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::timestamptz[])"
    found = rows(sql, [plain_array([key, None]), plain_array([-7, 2**62]), plain_array([None, at])])
    assert found == [(key, -7, None), (None, 2**62, at)]
    assert rows("SELECT count(*) FROM unnest(%s::uuid[])", [plain_array([])]) == [(0,)]
