"""Scoring whole files: the same answers as row by row, whatever the cells look like, in one process or several; faults name their place."""

import csv
import gzip
import io
import math

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from learning import bulk
from learning.bulk import Wish, score_table
from learning.cells import cut, number_of, numbers_of
from learning.errors import BadTable
from learning.flat import Flat, Scorer, probability
from learning.recipe import Recipe
from learning.tables import FileSource
from tests.credit.models import GOOD, make_model

STEP = {"knots": [1.0, 10.0], "y": [0.5, -0.25, 1.5, 0.125], "x0": [0.0, 0.0, 0.0], "slope": [0.0, 0.01, 0.0]}
WORD = {"knots": [0.0], "y": [-0.5, 0.75, 0.0], "x0": [0.0, 0.0], "slope": [0.0, 0.0]}
MODEL = {
    "base": -1.0,
    "parts": [STEP, STEP, WORD, STEP],
    "pairs": [{"first": 0, "second": 2, "width": 3, "values": [0.1 * n for n in range(12)]}],
}
RECIPE = Recipe(["income", "debt"], {"job": {"fixed": -0.4, "none": 0.9, "7": 0.3}}, [["share", "/", "debt", "income"]])
SCORER = Scorer(RECIPE, {"scorecard": Flat({**MODEL, "base": 0.5}), "boosted": Flat(MODEL)}, {"income": 5, "debt": 0.5, "job": "fixed"})
BOTH = {"scorecard": "scorecard", "challenger": "boosted"}
NUMBERS = ["", "3", "-2.5", "0.125", "12345678.5", "1e1", " 4 ", "NA", "10", "0.00001", ".5", "5.", "-0", "+7", "inf"]
JOBS = ["fixed", "none", "", "pilot", " fixed ", "7", "7.0", "kr\u00e6ver"]


def scored(path, scorer=SCORER, wish=None, processes=1):
    text = b"".join(piece for _count, piece in score_table(FileSource(path), scorer, wish or Wish(BOTH), processes=processes)).decode()
    return list(csv.DictReader(io.StringIO(text)))


def table(path, *, rows=None, mark=",", end="\n", quoted=False):
    """Write rows of every kind of cell, and return them as facts."""
    rows = rows or [(NUMBERS[n % len(NUMBERS)], NUMBERS[n * 7 % len(NUMBERS)], JOBS[n % len(JOBS)]) for n in range(400)]
    told = [("id", "income", "note", "debt", "job"), *((f"r{n}", a, "x", b, job) for n, (a, b, job) in enumerate(rows))]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=mark, lineterminator=end, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL).writerows(told)
    return [{"income": number_of(a), "debt": number_of(b), "job": job.strip() if job != "7.0" else "7"} for a, b, job in rows]


@pytest.mark.parametrize("how", [{}, {"mark": ";", "end": "\r\n"}, {"quoted": True}, {"mark": "\t", "quoted": True, "end": "\r\n"}])
@pytest.mark.parametrize("processes", [1, 2])
def test_each_row_has_the_answer_that_it_has_alone(tmp_path, monkeypatch, how, processes):
    monkeypatch.setattr(bulk, "BLOCK", 2_000)
    path = tmp_path / "t.csv"
    facts = table(path, **how)
    found = scored(path, wish=Wish(BOTH, reasons=2, keep=("id",)), processes=processes)
    assert [(one["line"], one["id"]) for one in found] == [(str(n + 2), f"r{n}") for n in range(400)]
    for one, row in zip(found, facts, strict=True):
        said = SCORER.explain(row, 2)
        for name, kind in BOTH.items():
            assert float(one[name]) == pytest.approx(probability(said[kind][0]), abs=1e-6)
        assert one["reasons"].split() == [reason.fact for reason in said["boosted"][1]]


def test_numbers_are_the_very_ones_that_python_reads():
    dice = np.random.default_rng(0)
    values = dice.lognormal(0, 5, 4_000) * dice.choice([-1, 1], 4_000)
    cells = [*NUMBERS, *(repr(round(float(value), int(places))) for value, places in zip(values, dice.integers(0, 9, 4_000), strict=True))]
    block = "".join(f"{cell},z\n" for cell in cells).encode()
    starts, ends = cut(block, ",", 2)
    found, fault = numbers_of(block, starts[:, 0], ends[:, 0])
    assert fault == -1
    for cell, number in zip(cells, found, strict=True):
        assert number == number_of(cell) or (math.isnan(number) and math.isnan(number_of(cell))), cell


@pytest.mark.parametrize("cell", ["x", "1.2.3", "--1", "1_0", "+-", "12345678x", "1,5", "\u0663x"])
@pytest.mark.parametrize("quoted", [True, False])
def test_a_cell_that_is_no_number_is_named_with_line_and_column(tmp_path, monkeypatch, cell, quoted):
    monkeypatch.setattr(bulk, "BLOCK", 500)
    rows = [("1", "2", "fixed")] * 100
    rows[57] = ("1", cell, "fixed")
    table(tmp_path / "t.csv", rows=rows, quoted=quoted)
    for processes in (1, 2):
        with pytest.raises(BadTable, match=r"line 59: debt holds .*, which is no number") as caught:
            scored(tmp_path / "t.csv", processes=processes)
        assert (caught.value.code, caught.value.facts["line"], caught.value.facts["columns"]) == ("no_number", 59, ["debt"])


@pytest.mark.parametrize(
    ("data", "code", "told"),
    [
        (b"income,job\n1,fixed\n", "lacks", "lacks columns that are needed: debt"),
        (b"income,debt,job\n1,2,fixed\n1,2\n", "ragged", "line 3 has 2 cells"),
        (b"income,debt,job\n\n1,2,fixed\n1,2,3,4,5,6\n", "ragged", "line 4 has 6 cells"),
        (b"income,debt,job\n", "empty", "no rows"),
        (b"", "empty", "is empty"),
        (b"income,debt,job\n1,2,\xff\n", "not_utf8", "not UTF-8"),
        (b"income,debt,job\n1,2,a\0\n", "not_csv", "NUL"),
        (b"PK\x03\x04", "spreadsheet", "archive"),
        (b"\x1f\x8b\x08rest", "unreadable", "cannot be read"),
    ],
)
def test_what_is_no_table_of_these_columns_is_refused(tmp_path, data, code, told):
    (tmp_path / "t.csv").write_bytes(data)
    with pytest.raises(BadTable, match=told) as caught:
        scored(tmp_path / "t.csv")
    assert caught.value.code == code


def test_cells_of_several_lines_and_blank_lines_keep_their_numbers(tmp_path):
    text = '\ufeffincome,debt,job\r\n1,2,"a\nb"\r\n\r\n3,4,none'
    (tmp_path / "t.csv").write_text(text, encoding="utf-8", newline="")
    assert [one["line"] for one in scored(tmp_path / "t.csv")] == ["2", "5"]
    found = scored(tmp_path / "t.csv", wish=Wish(BOTH, keep=("job",)))
    assert [one["job"] for one in found] == ["a\nb", "none"]


@pytest.mark.django_db
def test_a_file_is_scored_from_the_shell_and_appears_once_it_is_whole(tmp_path, capsys):
    make_model(percent=20, facts={"paid_late": (2.5, math.log(4))})
    heads = list(GOOD)
    rows = [{**GOOD, "paid_late": n % 5} for n in range(10)]
    path, out = tmp_path / "t.csv", tmp_path / "scores.csv.gz"
    path.write_text("\n".join([",".join(heads), *(",".join(str(row[name]) for name in heads) for row in rows)]))
    call_command("credit_model", "score", "own@1", str(path), str(out), "--by", "challenger", "--reasons", "1", "--processes", "1")
    assert "own 1: 10 rows scored" in capsys.readouterr().out
    lines = gzip.decompress(out.read_bytes()).decode().splitlines()
    assert lines[:5] == ["line,challenger,reasons", "2,0.200000,", "3,0.200000,", "4,0.200000,", "5,0.500000,paid_late"]
    with pytest.raises(CommandError, match="no credit model own version 2"):
        call_command("credit_model", "score", "own@2", str(path), str(out))
    with pytest.raises(CommandError, match="is the table itself"):
        call_command("credit_model", "score", "own", str(path), str(path))
    with pytest.raises(CommandError, match="is no NAME@VERSION"):
        call_command("credit_model", "score", "own@x", str(path), str(out))
    path.write_text(path.read_text().replace("\n780", "\n780x", 1))
    with pytest.raises(CommandError, match="line 2: bureau_score holds 780x"):
        call_command("credit_model", "score", "own", str(path), str(tmp_path / "other.csv"))
    assert sorted(one.name for one in tmp_path.iterdir()) == ["scores.csv.gz", "t.csv"]
