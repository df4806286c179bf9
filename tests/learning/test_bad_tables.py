"""What cannot be learned from is refused by name, and nothing is kept."""

import gzip

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from learning import tables
from learning.errors import BadTable
from learning.labels import prepare
from learning.models import ModelVersion, RoleChange
from learning.reporting.faults import SENTENCES
from learning.tables import read_table
from learning.training import train
from tests.learning.conftest import rows_of_cases, write


def with_column(name: str, cells: list[str]) -> dict[str, list[str]]:
    return {**rows_of_cases(), name: cells}


def gives_away(cases: dict[str, list[str]]) -> list[str]:
    return ["1200.5" if bad == "1" else "" for bad in cases["bad"]]


CASES = rows_of_cases()
TABLES = {
    "one_class": ({**CASES, "bad": ["0"] * 600}, "every row of bad is of one class"),
    "too_few": ({**CASES, "bad": ["1"] * 5 + ["0"] * 595}, "5 rows of one class are too few"),
    "target_in_words": (
        {**CASES, "bad": ["late" if bad == "1" else "paid" for bad in CASES["bad"]]},
        "say which one is bad with --positive",
    ),
    "target_not_two": ({**CASES, "bad": [str(number % 3) for number in range(600)]}, "is not 0 or 1 but 0, 1, 2"),
    "leak": (with_column("recovered", gives_away(CASES)), r"recovered \(100.0%\) gives the target away.*--drop recovered"),
    "social": (
        with_column("Facebook-friends", [str(number) for number in range(600)]),
        r"Facebook-friends: data of social networks .* not learned from \(Directive \(EU\) 2023/2225, Article 18\(3\)",
    ),
    "decimal_comma": (
        with_column("rate", [f'"{number},5"' for number in range(600)]),
        r"rate holds numbers with decimal commas \(0,5, 1,5, 2,5\)",
    ),
    "mixed": (
        with_column("rate", ["unclear", *(f"{number}.5" for number in range(599))]),
        r"rate holds numbers and words \(unclear\)",
    ),
    "no_columns": ({"bad": CASES["bad"], "sex": CASES["sex"], "same": ["1"] * 600}, "no column is left"),
}


@pytest.mark.parametrize("code", TABLES)
def test_a_bad_table_is_refused_by_name(tmp_path, code):
    columns, text = TABLES[code]
    with pytest.raises(BadTable, match=text) as refused:
        prepare(read_table(write(tmp_path / "t.csv", columns)), "bad", "", [])
    assert refused.value.code == code


def test_ten_thousand_categories_are_refused_by_name(tmp_path):
    dice = np.random.default_rng(0)
    columns = {"city": [f"city {number}" for number in range(10_000)], "bad": [str(value) for value in dice.integers(0, 2, 10_000)]}
    with pytest.raises(BadTable, match=r"city has 10,000 different words.*--drop city"):
        prepare(read_table(write(tmp_path / "t.csv", columns)), "bad", "", [])


def test_a_leak_is_dropped_or_kept_as_told(tmp_path):
    table = read_table(write(tmp_path / "t.csv", TABLES["leak"][0]))
    assert "recovered" not in prepare(table, "bad", "", ["recovered"]).table.columns
    assert "recovered" in prepare(table, "bad", "", [], keep=frozenset({"recovered"})).table.columns


def test_words_of_one_row_each_are_no_leak_and_a_column_that_nearly_is_one_is_noted(tmp_path):
    dice = np.random.default_rng(0)
    bad = [cell == "1" for cell in CASES["bad"]]
    told = ["lost" if (cell if dice.random() < 0.972 else not cell) else "paid" for cell in bad]
    columns = {**CASES, "told": told, "name": [f"person {number}" for number in range(600)]}
    data = prepare(read_table(write(tmp_path / "t.csv", columns)), "bad", "", [])
    assert {"told", "name"} < set(data.table.columns)
    assert [note.partition(" alone sorts ")[0] for note in data.notes if "alone" in note] == ["told"]


@pytest.mark.parametrize("day", ["2 Mar 2026", "2. marts 2026", "20260302", "02/03/2026"])
def test_dates_are_known_however_they_are_written(tmp_path, day):
    data = prepare(
        read_table(write(tmp_path / "t.csv", with_column("day", [day] * 300 + [day.replace("2026", "2025")] * 300))), "bad", "", []
    )
    assert "day" not in data.table.columns
    assert any(note.startswith("day is left out: dates") for note in data.notes)


def test_what_says_nothing_is_left_out_with_a_note(tmp_path):
    columns = with_column("same", ["7"] * 600) | {"day": ["2024-02-29"] * 300 + ["2024-03-01T10:00:00Z"] * 300, "empty": [""] * 600}
    data = prepare(read_table(write(tmp_path / "t.csv", columns)), "bad", "", ["noise"])
    assert set(data.table.columns) == {"income", "amount", "late", "job"}
    assert [note.split(" is left out")[0] for note in data.notes] == ["noise", "sex", "same", "day", "empty"]


def test_a_target_in_words_is_learned_when_the_bad_one_is_named(tmp_path):
    data = prepare(read_table(write(tmp_path / "t.csv", TABLES["target_in_words"][0])), "bad", "late", [])
    assert data.y.sum() == CASES["bad"].count("1")
    with pytest.raises(BadTable, match="never lost; it holds late, paid"):
        prepare(read_table(write(tmp_path / "t.csv", TABLES["target_in_words"][0])), "bad", "lost", [])


def test_rows_without_a_target_are_left_out(tmp_path):
    data = prepare(read_table(write(tmp_path / "t.csv", {**CASES, "bad": ["", *CASES["bad"][1:]]})), "bad", "", [])
    assert (data.table.rows, data.notes[0]) == (599, "1 rows without a target are left out")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"a,b\n", "empty"),
        (b"a,a\n1,2\n", "heads"),
        (b"a,b\n1,2\n1\n", "ragged"),
        (b"a b\n1 2\n", "one_column"),
        (b"a^b\n1^2\n", "one_column"),
        (b"PK\x03\x04 and so on", "spreadsheet"),
        (b"a,b\n\0,2\n", "not_csv"),
        ("a,b\n1,2\n".encode("utf-16"), "not_csv"),
        (gzip.compress(gzip.compress(b"a,b\n1,2\n", mtime=0), mtime=0), "not_csv"),
        (b"a,b\n1,\xff\n", "not_utf8"),
        (b'a,b\n1,"x\n', "not_csv"),
        (b"\x1f\x8bnot gzip at all", "unreadable"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0)[:-9], "unreadable"),
    ],
)
def test_no_table_is_no_table(tmp_path, content, code):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(BadTable) as refused:
        read_table(path)
    assert refused.value.code == code


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(BadTable, match="cannot be read"):
        read_table(tmp_path / "none.csv")


def test_a_gzip_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "RATIO_FROM", 1 << 20)
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"0,0\n" * 4_000_000))
    with pytest.raises(BadTable, match="gzip bomb") as refused:
        read_table(path)
    assert refused.value.code == "too_large"


def test_a_bomb_is_refused_at_its_first_part_however_large_it_is(tmp_path):
    path = tmp_path / "bomb.csv.gz"
    # Half of what may be unpacked, behind 3 MB of a table: by its size alone only 450 MB more would tell.
    dice = np.random.default_rng(0)
    honest = b"a,b\n" + b"".join(b"%d,%d\n" % (number, number + 1) for number in dice.integers(0, 1 << 40, 250_000))
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(honest)
    part = gzip.compress(b"0,0\n" * (8 << 20))
    with path.open("ab") as file:
        file.writelines([part] * 64)
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        read = tables._Counted.readinto
        patch.setattr(tables._Counted, "readinto", lambda self, buffer: seen.append(len(buffer)) or read(self, buffer))
        with pytest.raises(BadTable, match="gzip bomb"):
            read_table(path)
    assert sum(seen) <= len(honest) + 2 * tables.RATIO_FROM + (1 << 20)


@pytest.mark.parametrize(("content", "line"), [(b"a," * 600, 1), (b"a,b\n1,2\n" + b"3," * 600, 3)])
def test_a_file_without_line_ends_is_not_read_whole(tmp_path, monkeypatch, content, line):
    monkeypatch.setattr(tables, "LONGEST_LINE", 1_000)
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(BadTable) as refused:
        read_table(path)
    assert (refused.value.code, refused.value.facts) == ("long_line", {"line": line})


def test_words_in_a_column_of_numbers_that_mean_unknown(tmp_path):
    table = read_table(write(tmp_path / "t.csv", {"a": ["1", "NA", "-", "", "inf", "2.5"], "b": ["x", "none", "", "x", "y", "x"]}))
    assert np.array_equal(table.columns["a"], [1, np.nan, np.nan, np.nan, np.nan, 2.5], equal_nan=True)
    assert table.columns["b"].levels == ["x", "none", "y"]
    assert list(table.columns["b"].codes) == [0, 1, -1, 0, 2, 0]


def bad_files() -> dict[str, tuple[bytes, str]]:
    """Files that the command must refuse, with a part of what it says; each once as text and once gzipped."""
    words = ["".join(f"\n{number % 2},city {number}" for number in range(10_000)), "has 10,000 different words"]
    columns = {code: ["\n".join(map(",".join, [told, *zip(*told.values(), strict=True)])), text] for code, (told, text) in TABLES.items()}
    texts = {**columns, "many_words": [f"bad,city{words[0]}", words[1]], "empty": ["", "is empty"], "heads_alone": ["bad,a\n", "no rows"]}
    packed = {f"{code}.gz": (gzip.compress(text.encode()), fault) for code, (text, fault) in texts.items()}
    bomb = gzip.compress(b"bad,a\n" + b"0,0\n" * 1_000_000)
    return {code: (text.encode(), fault) for code, (text, fault) in texts.items()} | packed | {"bomb.gz": (bomb, "gzip bomb")}


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["credit_model", "fraud_model"])
def test_no_command_keeps_anything_of_a_bad_table(tmp_path, monkeypatch, command):
    monkeypatch.setattr(tables, "RATIO_FROM", 1 << 20)
    for code, (content, fault) in bad_files().items():
        path = tmp_path / f"{code}.csv{code[-3:] if code.endswith('.gz') else ''}"
        path.write_bytes(content)
        with pytest.raises(CommandError, match=fault):
            call_command(command, "train", "--data", str(path), "--target", "bad", "--name", "a")
    assert (ModelVersion.objects.count(), RoleChange.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_columns_that_say_nothing_are_named_by_the_command_and_kept_with_the_model(tmp_path, capsys):
    path = write(tmp_path / "t.csv", with_column("same", ["7"] * 600) | {"day": ["2024-02-29"] * 300 + ["2024-03-01"] * 300})
    call_command("credit_model", "train", "--data", str(path), "--target", "bad", "--name", "a")
    said, kept = capsys.readouterr().err, ModelVersion.objects.get().lineage
    for note in ("same is left out: one value in every row", "day is left out: dates"):
        assert note in said
        assert any(one.startswith(note) for one in kept["notes"])
    assert not {"same", "day"} & set(kept["columns"])


def test_weights_are_not_learned_from(tmp_path):
    table = read_table(write(tmp_path / "t.csv", with_column("weight", ["1" if bad == "1" else "230" for bad in CASES["bad"]])))
    data = prepare(table, "bad", "", [])
    assert "weight" not in data.table.columns
    assert set(data.weights) == {1.0, 230.0}


def test_rows_of_which_hardly_any_differ_are_refused_with_a_sentence(tmp_path):
    columns = {"bad": ["1", "0", "0"] * 200, "rate": ["40"] * 300 + ["50"] * 300}
    data = prepare(read_table(write(tmp_path / "t.csv", columns)), "bad", "", [])
    with pytest.raises(BadTable, match="hardly any rows differ") as refused:
        train(data)
    assert (refused.value.code, str(SENTENCES["alike"])[:20]) == ("alike", "Hardly any rows diff")
