"""Templates: our tree is Jinja2's, constants come to what Jinja2 makes of them, bounds hold."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel import Verdict, scan_bytes
from sentinel.artifacts import Artifact
from sentinel.errors import LimitExceeded, ParseError, SentinelError
from sentinel.formats.jinja import Template, parse
from sentinel.formats.jinja import nodes as n
from sentinel.formats.jinja.lexer import unescape
from sentinel.formats.jinja.parser import parse_template
from sentinel.formats.jinja.reach import follow
from sentinel.formats.jinja.reached import Reached
from sentinel.limits import Budget
from sentinel.readers import MemoryReader
from tests.corpus.malicious.templates import HOST, WALKS
from tests.kit.chat_templates import TEMPLATES

jinja2 = pytest.importorskip("jinja2")


def environment() -> Any:
    """Return Jinja2 with what chat templates use; it only ever parses here."""
    return jinja2.Environment(extensions=["jinja2.ext.loopcontrols", "jinja2.ext.do"])


def expression(text: str) -> object:
    (output,) = parse_template("{{ " + text + " }}")
    assert isinstance(output, n.Output)
    return output.value


def plain(node: object) -> object:
    """Return a node of ours in the shape that ``theirs`` gives Jinja2's."""
    if isinstance(node, n.Const):
        return node.value
    if isinstance(node, n.Name):
        return ("name", node.name)
    if isinstance(node, n.Attr):
        return ("attr", plain(node.base), node.name)
    if isinstance(node, n.Item):
        return ("item", plain(node.base), plain(node.key))
    if isinstance(node, n.Slice):
        return ("slice", *(plain(one) for one in node[1:]))
    if isinstance(node, n.Call):
        return ("call", plain(node.function), *arguments(node.arguments))
    if isinstance(node, n.Filter):
        return ("filter", node.name, plain(node.base), *arguments(node.arguments))
    if isinstance(node, n.Test):
        return ("test", node.name, plain(node.base), *arguments(node.arguments))
    if isinstance(node, n.Unary):
        return (node.op, plain(node.operand))
    if isinstance(node, n.Binary):
        found = plain(node.items[0])
        for one in node.items[1:]:
            found = (node.op, found, plain(one))
        return found
    if isinstance(node, n.Cond):
        return ("if", plain(node.test), plain(node.yes), plain(node.no))
    if isinstance(node, n.Sequence):
        return [plain(one) for one in node.items]
    if isinstance(node, n.Mapping):
        return {str(plain(key)): plain(value) for key, value in node.pairs}
    assert node is None
    return None


def arguments(given: n.Arguments) -> tuple[object, object]:
    return [plain(one) for one in given.values], {key: plain(one) for key, one in given.named}


OPERATORS = {
    "Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "FloorDiv": "//", "Mod": "%", "Pow": "**",
    "And": "and", "Or": "or", "Not": "not", "Neg": "-", "Pos": "+",
}  # fmt: skip
COMPARES = {"eq": "==", "ne": "!=", "lt": "<", "gt": ">", "lteq": "<=", "gteq": ">=", "in": "in",
            "notin": "not in"}  # fmt: skip


def theirs(node: Any) -> object:
    kind = type(node).__name__
    if node is None:
        return None
    if kind in ("Const", "TemplateData"):
        return getattr(node, "value", getattr(node, "data", None))
    if kind == "Name":
        return ("name", node.name)
    if kind == "Getattr":
        return ("attr", theirs(node.node), node.attr)
    if kind == "Getitem":
        return ("item", theirs(node.node), theirs(node.arg))
    if kind == "Slice":
        return ("slice", theirs(node.start), theirs(node.stop), theirs(node.step))
    if kind in ("Call", "Filter", "Test"):
        given = ([theirs(one) for one in node.args], {k.key: theirs(k.value) for k in node.kwargs})
        head = (theirs(node.node),) if kind == "Call" else (node.name, theirs(node.node))
        return (kind.lower(), *head, *given)
    if kind == "CondExpr":
        return ("if", theirs(node.test), theirs(node.expr1), theirs(node.expr2))
    if kind in ("List", "Tuple"):
        return [theirs(one) for one in node.items]
    if kind == "Dict":
        return {str(theirs(pair.key)): theirs(pair.value) for pair in node.items}
    if kind == "Concat":
        found = theirs(node.nodes[0])
        for one in node.nodes[1:]:
            found = ("~", found, theirs(one))
        return found
    if kind == "Compare":
        found = theirs(node.expr)
        for one in node.ops:
            found = (COMPARES[one.op], found, theirs(one.expr))
        return found
    if kind in ("Not", "Neg", "Pos"):
        return (OPERATORS[kind], theirs(node.node))
    return (OPERATORS[kind], theirs(node.left), theirs(node.right))


EXPRESSIONS = [
    "a", "a.b.c", "a[1]", "a.0", "a['b'][-1]", "a[1:2]", "a[::-1]", "a[:, 1]", "1", "1_000",
    "0x1f + 0b1 + 0o7", "1.5e3", "'a' 'b'", '"a\\x41\\n"', "true and False or none", "not a",
    "not a in b", "a not in b", "a is defined", "a is not defined", "a is divisibleby 3",
    "a is divisibleby(3)", "a is sameas none", "a is defined and b", "a|f", "a|f|g(1, x=2)",
    "a.b|f.g", "f(1, *a, **b)", "f()()", "a if b", "a if b else c if d else e", "(1,)", "()",
    "[1, 2,]", "{'a': 1, 'b': {}}", "a + b * c ** d - e // f % g / h", "-a.b", "-a|abs",
    "a ~ b ~ c",
    "a ~ b + c", "1 < 2", "a == b != c", "(a or b) and c", "a and b or c and d", "not not a",
    "a[b.c[d]]", "(a, b)", "a.b(c.d|e).f", "a is b.c", "x is in [1, 2]", "a|map('x')|list",
    "'%s' % a", "a if b is defined else c|d", "2 ** 3 ** 2", "a.b is string and c",
]  # fmt: skip


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_expressions_have_the_shape_that_jinja_gives_them(text: str) -> None:
    (output,) = environment().parse("{{ " + text + " }}").body
    assert plain(expression(text)) == theirs(output.nodes[0])


atoms = st.sampled_from(["a", "b.c", "1", "'x'", "none", "f(1)", "[1]", "a[0]", "{'k': 2}"])
operators = st.sampled_from(
    ["+", "-", "*", "/", "//", "%", "**", "~", "and", "or", "==", "!=", "<", "in", "not in"]
)


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(
        atoms,
        lambda inner: st.one_of(
            st.tuples(inner, operators, inner).map(" ".join),
            inner.map("({})".format),
            inner.map("not {}".format),
            inner.map("({}).x".format),
            st.tuples(inner, st.sampled_from(["|f", "|f(2)", " is g", " is not g"])).map("".join),
            st.tuples(inner, inner, inner).map(lambda three: "{} if {} else {}".format(*three)),
        ),
        max_leaves=8,
    )
)
def test_any_expression_has_the_shape_that_jinja_gives_it(text: str) -> None:
    try:
        (output,) = environment().parse("{{ " + text + " }}").body
    except jinja2.TemplateSyntaxError:
        return
    assert plain(expression(text)) == theirs(output.nodes[0])


pieces = st.sampled_from(
    ["{% if a %}", "{% elif b %}", "{% else %}", "{% endif %}", "{% for x in y %}", "{% endfor %}",
     "{% set a = 1 %}", "{% set a %}", "{% endset %}", "{% macro m(a, b=2) %}", "{% endmacro %}",
     "{{ a }}", "{{- a -}}", "text", "{# c #}", "{% raw %}", "{% endraw %}", "{% break %}",
     "{% do a.b(1) %}", "{% call m() %}", "{% call(x) m() %}", "{% endcall %}", "{% filter f %}",
     "{% endfilter %}", "{% with a = 1, b = 2 %}", "{% endwith %}", "{% block a %}",
     "{% endblock %}", "{% endblock a %}", "{% for a, b in c if d recursive %}", "{%", "%}", "{{",
     "}}", "{% set a, b = 1, 2 %}", "{% set a.b = 1 %}", "{% include 'x' ignore missing %}",
     "{% import 'x' as y %}", "{% from 'x' import y as z, w with context %}"]
)  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(st.lists(pieces, max_size=9).map("".join))
def test_what_jinja_takes_we_take(source: str) -> None:
    try:
        environment().parse(source)
    except jinja2.TemplateSyntaxError:
        try:
            parse_template(source)  # may take more than Jinja does, but with our errors only
        except SentinelError:
            return
    else:
        parse_template(source)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(pieces, st.text(max_size=6)), max_size=9).map("".join))
def test_any_text_gives_a_tree_or_one_of_our_errors(source: str) -> None:
    try:
        follow(parse_template(source), Budget())
    except SentinelError:
        return


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_as_models_have_them_are_clean(name: str) -> None:
    report = scan_bytes(TEMPLATES[name].encode(), "chat_template.jinja")
    assert report.formats == ("jinja",)
    assert report.verdict is Verdict.CLEAN


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_truncation_gives_a_tree_or_one_of_our_errors(name: str) -> None:
    source = TEMPLATES[name]
    for end in range(0, len(source), 3):
        try:
            parse_template(source[:end])
        except SentinelError:
            continue


@pytest.mark.parametrize(
    "text",
    ["a\\nb", "\\x41\\u0042\\103", "\\N{BULLET}", "\\\\\\t", "\\'\\\"", "\\U0001f600", "\\1a\\12"],
)
def test_escapes_are_those_of_jinja(text: str) -> None:
    (output,) = environment().parse('{{ "' + text + '" }}').body
    assert unescape(text) == output.nodes[0].value


def test_unknown_escapes_stand_for_themselves() -> None:
    assert unescape("\\q\\x4\\N{no such name}") == "\\q\\x4\\N{no such name}"


def reached(source: str) -> Reached:
    return follow(parse_template(source), Budget())


@pytest.mark.parametrize(
    "spelled",
    [
        "'a' ~ 'bc'", "'a' + 'bc'", "'cba'|reverse", "'cba'[::-1]", "'ABC'|lower",
        "'xbc'|replace('x', 'a')",
        "['a', 'b', 'c']|join", "''.join(['a', 'bc'])", "'%s%s' % ('a', 'bc')", "'%c' % 97 ~ 'bc'",
        "'{}{}'.format('a', 'bc')", "'{x}c'.format(x='ab')", "dict(abc=1)|first",
        "'a_bc'.split('_')|join",
        "['abc', 'x'][0]", "('x', 'abc')|last", "{'abc': 1}|list|first", "' abc '|trim",
        "['A', 'B', 'C']|map('lower')|join", "'abc' if x else 'abc'", "('' or 'abc')|trim",
        "'aXbXc'|replace('X', '')",
        "'xabcx'[1:4]", "('a' * 1) ~ 'bc'", "x|default('abc')",
    ],
)  # fmt: skip
def test_constants_come_to_what_jinja_makes_of_them(spelled: str) -> None:
    # Jinja is asked about harmless constants only.
    assert environment().compile_expression(spelled)(x="") in ("abc", "")
    names = {reach.name for reach in reached("{{ y[" + spelled + "] }}").reaches}
    assert "abc" in names


@pytest.mark.parametrize("name", WALKS)
def test_each_spelling_is_resolved_or_known_to_be_computed(name: str) -> None:
    assert any(
        reach.name.startswith("__") or not reach.name or reach.name in ("gi_frame", "next")
        or reach.name.startswith("_T")
        for reach in reached(HOST + WALKS[name]).reaches
    )  # fmt: skip


def test_the_line_of_a_tag_is_known() -> None:
    (reach,) = reached("a\n\n{{ b\n.c }}").reaches
    assert reach.line == 4


@pytest.mark.parametrize(
    "source",
    [
        "{{ " + "(" * 5000 + ")" * 5000 + " }}", "{{ " + "[" * 5000 + " }}",
        "{{ " + "a" + ".b" * 50_000 + " }}", "{{ a" + "|f" * 50_000 + " }}",
        "{{ " + "-" * 50_000 + "1 }}", "{{ " + "not " * 50_000 + "1 }}",
        "{{ " + "a if b else " * 5000 + "c }}", "{% if a %}" * 5000,
        "{{ 1 " + "- 1 " * 30_000 + "}}", "{{ {" + "'a': {" * 5000 + " }}",
        "{% for a in b %}" * 61 + "{% endfor %}" * 61, "{{ a" + "(b)" * 3000 + " }}",
        "{{ a" + "[b" * 3000 + "]" * 3000 + " }}", "{{ 'a" * 60_000,
    ],
)  # fmt: skip
def test_deep_or_long_templates_are_errors_of_ours(source: str) -> None:
    with pytest.raises((ParseError, LimitExceeded)):
        follow(parse_template(source), Budget())


@pytest.mark.parametrize(
    "source",
    [
        "{% set a = [1] %}" + "{% set a = [a, a] %}" * 200 + "{{ x[a|string] }}",
        "{% set a = 'x' * 4000 %}" + "{% set a = a ~ a %}" * 200,
        "{% set a = 'x' %}" + "{% set a = a|replace('', a) %}" * 200,
        "{% for a in 'abcdefgh' %}" * 5 + "{{ a }}" + "{% endfor %}" * 5,
        "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}" * 50,
        "{{ 9 ** 9 ** 9 ** 9 }}", "{{ 'x' * 99999999999 }}", "{{ range(10 ** 60)|list }}",
        "{{ " + " ~ ".join(["('a' if x else 'b')"] * 2000) + " }}",
        "{{ " + "a + " * 20_000 + "a }}", "{{ " + "{{ x }}".join("ab") * 20_000,
        "".join(f"{{% set a{i} = 1 %}}" for i in range(5000))
        + "{% for x in [1,2,3] %}{{ x }}{% endfor %}" * 200,
    ],
)  # fmt: skip
def test_work_is_bounded(source: str) -> None:
    started = time.process_time()
    try:
        follow(parse_template(source), Budget())
    except SentinelError:
        pass
    assert time.process_time() - started < 20


def test_a_template_that_is_not_utf8_is_incomplete() -> None:
    assert scan_bytes(b"{{ '\xff' }}", "chat_template.jinja").verdict is Verdict.INCOMPLETE


def test_unknown_tags_are_passed_over() -> None:
    source = "{% trans n=1 %}a{% pluralize %}b{% endtrans %}{% x y.z !! 'w' %}"
    tags = [one.tag for one in parse_template(source) if isinstance(one, n.Other)]
    assert tags == ["trans", "pluralize", "endtrans", "x"]


def test_what_is_a_chat_template() -> None:
    def chat(source: str, name: str) -> bool:
        model = parse(Artifact(name, MemoryReader(source.encode())), Budget()).model
        assert isinstance(model, Template)
        return model.chat

    assert chat("{{ x }}", "chat_template.jinja")
    assert chat("{{ messages }}", "x.jinja")
    assert not chat("{{ x }}", "x.j2")
