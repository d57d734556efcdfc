"""Formulas that compute with columns, and those that do more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.rules.formula_text import is_plain_formula

PLAIN = (
    "y ~ x",
    "z ~ x + I(x ** 2)",
    "y ~ C(g, Treatment(reference='a')) * np.log(x + 1) - 1",
    "close ~ open + high:low + np.log(open)",
    "input ~ dir + vars + help + file",
    "code ~ platform + time + site + test",
    "y ~ a + (b + c:d)**2",
    "y ~ bs(x, df=4, degree=3) + Q('weird name')",
    "cr(x, df=3, constraints='center') - 1",
    "y ~ C(g, contr.treatment('a'))",
    "y ~ x1 +\n  x2",
    "`my col` ~ x %in% z",
    "y ~ scale(x) | g",
    "y ~ x[0:3] + stats.zscore(x)",
    "y ~ x.shift(1) + x.astype('float')",
    "y ~ np.sin(2 * np.pi * t / 365)",
    "y ~ (x > 3) + (g == 'a')",
    "y ~ f(x) + my.g(x, 3)",
    "~ 0 + x",
)
ACTING = (
    "y ~ __import__('os').getpid()",
    "y ~ eval(x)",
    "y ~ open(x)",
    "y ~ x.to_csv('/p')",
    "y ~ np.load('/p')",
    "y ~ np.fromfile(x)",
    "y ~ pd.read_pickle('x')",
    "y ~ I((lambda: 1)())",
    "y ~ x.__class__",
    "y ~ os.getpid()",
    "y ~ map(exec, x)",
    "y ~ x.map(open)",
    "y ~ np.vectorize(open)(x)",
    "y ~ np.frompyfunc(eval, 1, 1)(x)",
    "y ~ log(open)(x)",
    "y ~ f('`') + eval('1') + f('`')",
    "y ~ [open(i) for i in x]",
    "y ~ (a := 3)",
    "y ~ f\"{open('x')}\"",
    "y ~ getattr(x, 'a')",
    "y ~ x # rest",
    "y ~ C(open('/p'))",
    "y ~ C(x.to_pickle('a'))",
)


@pytest.mark.parametrize("formula", PLAIN)
def test_columns_and_functions_of_numbers_are_plain(formula: str) -> None:
    assert is_plain_formula(formula)


@pytest.mark.parametrize("formula", ACTING)
def test_whatever_acts_is_not_plain(formula: str) -> None:
    assert not is_plain_formula(formula)


@given(st.text(alphabet="yx ~+:|`'\"[](){}%in.,#\\1", max_size=40))
def test_no_marks_around_it_hide_a_call_of_eval(marks: str) -> None:
    half = len(marks) // 2
    formula = f"y ~ {marks[:half]} eval(x) {marks[half:]}"
    quoted = any(mark in marks for mark in "'\"")
    assert quoted or not is_plain_formula(formula)


@given(st.text(max_size=60))
def test_any_text_gets_an_answer(text: str) -> None:
    assert is_plain_formula(text) in (True, False)
