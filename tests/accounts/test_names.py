"""Names that are like listed ones: scripts, spellings, order, left-out words and typos; made-up people."""

import gzip
import io
import json
import random

import pytest
from django.core.management import CommandError, call_command

from accounts.rules.names.index import THRESHOLD, Index
from accounts.rules.names.listed import Frequencies, from_row, whole_person
from accounts.rules.names.words import words_of

LISTED = [
    ("1", "individual", "AL-HARUNI, Muhammad 'Abd al-Aziz"),
    ("1", "individual", "HARUNI, Mohamed"),
    ("2", "individual", "PETROVSKY, Vladislav Yurievich"),
    ("3", "individual", "WEN, Jinping"),
    ("4", "individual", "ORTEGA VILLALBA, Juan Carlos"),
    ("5", "organisation", "SUNRISE SHIPPING COMPANY S.A."),
    ("6", "individual", "ØSTERGÅRD, Jørgen"),
    ("7", "individual", "SALIM, Husayn"),
]
SYLLABLES = ["ba", "ke", "ri", "mos", "tan", "vel", "du", "shi", "lor", "gan"]
CROWD = [(str(100 + i), "individual", f"{chr(65 + i % 26)}ORANVELT{i}, Anton") for i in range(200)]


@pytest.fixture(scope="module")
def index():
    return Index([from_row(*row) for row in LISTED + CROWD])


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("Владислав Петровский", "2"),
        ("Vladislav Petrovski", "2"),
        ("Petrovsky, Vladislav", "2"),
        ("Vladsilav Petrovsky", "2"),
        ("V. Petrovsky", "2"),
        ("محمد هاروني", "1"),
        ("Dr. Mohammed Al Haruni", "1"),
        ("Muhammad Abdulaziz al-Haruni", "1"),
        ("文 Jin Ping", "3"),
        ("Juan Ortega Villalba", "4"),
        ("Villalba Juan Carlos Ortega", "4"),
        ("Sunrise Shiping Co SA", "5"),
        ("Joergen Oestergaard", "6"),
        ("JORGEN OSTERGARD", "6"),
        ("حسين سليم", "7"),
        ("Hussein Salim", "7"),
    ],
)
def test_a_name_is_found_however_it_is_written(index, name, entry):
    found = index.find(name)
    assert found
    assert found[0].key == entry
    assert THRESHOLD <= found[0].score <= 1


@pytest.mark.parametrize(
    "name",
    [
        "Juan Ortega",
        "Carlos Villalba",
        "Vladislav Kuznetsov",
        "Anton Berg",
        "Mohamed Salah",
        "Company",
        "Al",
        "",
        "...",
        "J",
        "\x00😀",
        "x" * 20_000,
    ],
)
def test_another_name_is_not(index, name):
    assert index.find(name) == []


def test_a_year_of_birth_counts():
    index = Index([from_row("1", "individual", "HARUNI, Mohamed", [(1970, 1970), (1975, 1976)])])
    alike, other = index.find("Muhammad Haruni", born=1978), index.find("Muhammad Haruni", born=1990)
    assert (len(alike), other) == (1, [])
    # An equal name is shown to people, whenever somebody was born.
    assert [one.score for one in index.find("Mohamed Haruni", born=1990)] == [pytest.approx(0.8)]


def test_a_part_of_a_list_is_compared_as_the_whole():
    names = [from_row(*row) for row in LISTED + CROWD]
    whole, part = Index(names), Index(names[:3], Frequencies(names))
    assert [one.score for one in whole.find("Vladislaw Petrovsky")] == [one.score for one in part.find("Vladislaw Petrovsky")]


def test_one_edit_is_found_in_almost_every_name_and_strangers_are_not():
    chance = random.Random(7)

    def made():
        return "".join(chance.choice(SYLLABLES) for _ in range(chance.choice([2, 3])))

    people = [(f"{made()} {made()}", f"{made()}") for _ in range(800)]
    index = Index([from_row(str(i), "individual", f"{surname}, {given}") for i, (given, surname) in enumerate(people[:400])])
    missed = 0
    for i, (given, surname) in enumerate(people[:400]):
        place = chance.randrange(1, len(surname))
        edited = surname[:place] + chance.choice("aeiklnorst") + surname[place + chance.randrange(2) :]
        missed += str(i) not in {one.key for one in index.find(f"{edited} {given.split()[0]}")}
    assert missed <= 4
    assert sum(bool(index.find(f"{given} {surname}")) for given, surname in people[400:]) <= 8


def test_words_are_bounded_and_plain():
    assert words_of("O’Brien-Šmíd, S.A. de C.V.") == ["obrien", "smid", "sa", "de", "cv"]
    assert len(words_of("a " * 5_000)) == 16
    assert whole_person("1", "Anna Maria Berg").absent == (0.8, 0.06, 0.8)


def write(path, rows):
    path.write_bytes(gzip.compress("\n".join([",".join(rows[0]), *(",".join(f'"{cell}"' for cell in row) for row in rows[1:])]).encode()))
    return path


def test_the_command_prints_one_object_a_query(tmp_path):
    listed = write(tmp_path / "list.csv.gz", [["entity_id", "type", "name", "birth_year"], ["9", "individual", "HARUNI, Mohamed", "1970"]])
    asked = write(
        tmp_path / "queries.csv.gz", [["query", "birth_date"], ["Muhamad Haruni", ""], ["Anna Berg", ""], ["Muhamad Haruni", "1990-01-02"]]
    )
    out = io.StringIO()
    call_command("screen", list=listed, queries=asked, json=True, stdout=out)
    told = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(one["query"], one["hit"], [match["entity_id"] for match in one["matches"]]) for one in told] == [
        ("Muhamad Haruni", True, ["9"]),
        ("Anna Berg", False, []),
        ("Muhamad Haruni", False, []),
    ]
    with pytest.raises(CommandError, match="no column entity_id"):
        call_command("screen", list=asked, queries=asked, json=True)
