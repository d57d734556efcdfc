"""How a pickle uses each name: merely named, instantiated, called, handed on, walked through.

The judgement of a name comes from the import policy; this module joins it with what the program
does. Unknown names are judged by their use alone.
"""

from __future__ import annotations

import time

from ..errors import LimitExceeded
from ..formats.pickle.literals import elements
from ..formats.pickle.program import PickleProgram
from ..formats.pickle.resolve import (
    Effective,
    Target,
    arguments,
    bound_by,
    effective,
    target,
)
from ..formats.pickle.results import is_told
from ..formats.pickle.values import Call, Container, Global, Persistent, Value
from . import pickle_makers as makers
from .imports import Judgement, Standing
from .judgement import MADE, TEXT, UNVOUCHED
from .pickle_asked import asked
from .pickle_by_value import ByValue
from .pickle_given import Allowance, given
from .pickle_hooks import POINTER, hooked, plants_pointer
from .pickle_known import Known
from .pickle_spared import spared
from .pickle_spots import Spot, Use, Uses, class_like
from .pickle_states import of_source
from .pickle_texts import SHAPES as TEXT_SHAPES
from .pickle_texts import of_text
from .pickle_worlds import without_idle

__all__ = ["Spot", "Use", "Uses", "analyse", "class_like"]

_NEW = ".__new__"
_STORING = frozenset(("append", "extend", "add", "update", "__setitem__"))
_SETTERS = frozenset(("builtins.setattr", "dill._dill._setattr"))
"""``setattr``, also by the name under which dill asks for it; harmless on what it made itself."""
_HARMLESS_CALLBACKS = frozenset(("apply", "fold", "codec", "type"))
_PATHS = frozenset(("getattr", "attrgetter", "itemgetter", "methodcaller", "type", "apply", "fold"))
"""Shapes whose results are not the file's own objects."""
_RUN_STATES = frozenset(("source_state", "formula_state", "graph_source"))
_PATIENCE = 60.0
"""Seconds after which judging gives up: a backstop against files of millions of calls."""


def analyse(program: PickleProgram) -> Uses:
    """Return every noteworthy use of a name in a program."""
    return _Analysis(program).run()


class _Analysis:
    def __init__(self, program: PickleProgram) -> None:
        self.program = program
        self.data = program.data
        self.broken = any(stream.error for stream in program.streams)
        self.deadline = time.monotonic() + _PATIENCE
        self.uses = Uses()
        self.allowance = Allowance()
        self.called: set[Global] = set()
        self.known = Known()
        self.judge = self.known.judge
        self.made = ByValue(program, self.uses, self.known, self.called, self.allowance)

    def run(self) -> Uses:
        for call in self.program.calls:
            self._call(call)
        for found in self.program.globals:
            self._named(found)
        return without_idle(self.program, self.uses)

    def _stored(self, call: Call) -> None:
        """Judge a method that the state plants and the list, dict or set opcodes then call."""
        if makers.passes_items_on(call):
            self.uses.changed.append(call)
        for state in call.states or ():
            items = elements(self.data, state) if isinstance(state, Container) else []
            for key, value in zip(items[::2], items[1::2], strict=False):
                if self.program.fold(key) in _STORING and not isinstance(value, int):
                    inner = Call("REDUCE", value, tuple(call.items or ()), call.offset)
                    if (found := effective(self.data, inner)).target is not None:
                        self._judge_call(inner, found)

    def _hooked(self, call: Call) -> None:
        """Judge functions that a state puts in the place of methods which loading calls."""
        owner = target(self.data, call)
        if owner is not None and plants_pointer(self.program, call):
            self._danger(owner, POINTER, call)
        for path, value in hooked(self.program, call):
            judgement = self.judge(path)
            if judgement.standing is not Standing.UNKNOWN or owner is None:
                continue
            if owner.module.partition(".")[0] != path.module.partition(".")[0]:
                self._accounted(value)
                where = (call, call.offset, path.walked, str(owner))
                self.uses.unknown.append(Spot(path, judgement, Use.CALLED, *where))

    def _call(self, call: Call) -> None:
        if time.monotonic() > self.deadline:
            raise LimitExceeded("judging the calls took too long", "scan the file on its own")
        if call.items:
            self._stored(call)
        if call.states:
            self._hooked(call)
        if type(call.callee) is Global:
            self.called.add(call.callee)
            if not self.known.needs_a_look(call):
                return
        found = effective(self.data, call)
        if found.target is None:
            if not isinstance(call.callee, Persistent):
                self.uses.unresolved.append(call)
            return
        self._judge_call(call, found)

    def _judge_call(self, call: Call, found: Effective) -> None:
        path = found.target
        assert path is not None
        if not is_told(self.data, found.callee) and not self.made.understood(call, found):
            return
        if str(path) in _SETTERS:
            if makers.made_here(self.program, found.args):
                return
            path = Target("builtins", "setattr", path.walked)
        made = path.name.endswith(_NEW)
        if made:  # what NEWOBJ does, spelled out (protocol 2 and named tuples)
            path = Target(path.module, path.name.removesuffix(_NEW))
        judgement = self.judge(path)
        for owner, doubt in asked(self.data, path, found.args, self.judge):
            where = (call, call.offset, owner.walked, str(path))
            self.uses.unknown.append(Spot(owner, doubt, Use.CALLED, *where))
        if judgement.standing is Standing.SHAPE:
            self._shape(call, found, judgement.shape)
            return
        calls = call.kind in ("REDUCE", "OBJ", "INST") and not made
        if judgement.standing is Standing.SAFE and not (judgement.capability and calls):
            if call.states and makers.hands_out(path):
                self.uses.changed.append(call)
            self._handed_on(call, found, str(path))
            return
        use = Use.MADE if made else self._use(call, found)
        if judgement.capability == UNVOUCHED:
            if use is not Use.GIVEN_TEXT:
                self._handed_on(call, found, str(path))
                return
            judgement = judgement._replace(standing=Standing.UNKNOWN)
        if spared(self.program, judgement, path, use, found.args):
            self._handed_on(call, found, str(path))
            return
        spot = Spot(path, judgement, use, call, call.offset, path.walked)
        if judgement.standing is Standing.UNKNOWN:
            self.uses.unknown.append(spot)
            self._handed_on(call, found, str(path))
        elif judgement.standing is Standing.DANGEROUS or use is not Use.MADE:
            self.uses.dangerous.append(spot)

    def _danger(self, path: Target, why: Judgement, call: Call) -> None:
        self.uses.dangerous.append(Spot(path, why, Use.CALLED, call, call.offset))

    def _use(self, call: Call, found: Effective) -> Use:
        if call.kind.startswith("NEWOBJ"):
            return Use.MADE
        args = (*found.args, call.kwargs) if call.kwargs else found.args
        return given(self.program, args, self.allowance)

    def _handed_on(self, call: Call, found: Effective, receiver: str) -> None:
        """Note dangerous names that a call passes to somebody else's code."""
        values = self.allowance.callables(found.args)
        made = {id(value.callee) for value in values if type(value) is Call}
        for value in values:
            path = target(self.data, value)
            if path is None or (type(value) is Call and not path.walked):
                continue
            judgement = self.judge(path)
            if judgement.shape in (MADE, TEXT) and id(value) in made:
                continue  # the class of an object in the arguments, which is judged by itself
            if judgement.standing is Standing.DANGEROUS:
                use = Use.CALLED if self._calls_back(found) else Use.NAMED
                spot = Spot(path, judgement, use, call, call.offset, path.walked, receiver)
                self._accounted(value)
                self.uses.dangerous.append(spot)

    def _calls_back(self, found: Effective) -> bool:
        """Return True unless the receiver is known to keep what it is given."""
        assert found.target is not None
        return self.judge(found.target).standing is not Standing.SAFE

    def _shape(self, call: Call, found: Effective, shape: str) -> None:
        args, path = found.args, found.target
        assert path is not None
        if (call.states or call.items) and shape in _PATHS and not makers.takes_state(path):
            self.uses.changed.append(call)
        if shape in ("reconstructor", "newobj", "newobj_ex") and args:
            self._instance(call, args)
            base = target(self.data, args[1]) if shape == "reconstructor" and args[1:] else None
            if base is not None and base.module != "builtins":  # whose __init__ is called
                self._judge_inner(Effective(base, args[2:], call, args[1]), call)
        elif shape == "stated" and args:
            made = Call("NEWOBJ", args[0], (), call.offset)
            made.states = list(args[1:])
            self._call(made)
        elif shape == "apply":
            self._applied(call, args)
        elif shape == "partial":
            self._deferred(call)
        elif shape == "function":
            self.made.by_value(call, path, args)
        elif shape == "methodcaller":
            if not makers.is_text_method(self.program, args):
                judgement = self.judge(path)
                self.uses.unknown.append(Spot(path, judgement, Use.GIVEN_TEXT, call, call.offset))
        elif shape in _RUN_STATES:
            self._state(call, path, shape)
        elif shape in TEXT_SHAPES:
            self._given_text(call, found, shape)
        elif shape == "load_from_bytes":
            self._nested(path, args, call)
        elif shape == "type" and len(args) > 1:
            self._danger(path, makers.MAKES_A_CLASS, call)
        elif shape in ("getattr", "attrgetter", "itemgetter"):
            self._walk(call)
        else:
            if shape == "fold":
                self._looked_up_in(call, found)
            self._handed_on(call, found, str(found.target))

    def _looked_up_in(self, call: Call, found: Effective) -> None:
        """Judge unknown functions in what a text or item is taken from: a factory, a mapping."""
        for value in self.allowance.callables(found.args):
            path = target(self.data, value)
            if path is None or class_like(path.name):
                continue
            judgement = self.judge(path)
            if judgement.standing is Standing.UNKNOWN:
                where = (call, call.offset, path.walked, "a mapping")
                self.uses.unknown.append(Spot(path, judgement, Use.CALLED, *where))

    def _state(self, call: Call, path: Target, shape: str) -> None:
        judgement = of_source(self.program, call, shape)
        if judgement is not None:
            where = (call, call.offset, path.walked)
            self.uses.dangerous.append(Spot(path, judgement, Use.CALLED, *where))

    def _given_text(self, call: Call, found: Effective, shape: str) -> None:
        path = found.target
        assert path is not None
        judgement = of_text(self.program, call, found.args, shape)
        if judgement is not None:
            where = (call, call.offset, path.walked)
            self.uses.dangerous.append(Spot(path, judgement, Use.GIVEN_TEXT, *where))
        self._handed_on(call, found, str(path))

    def _instance(self, call: Call, args: tuple[Value, ...]) -> None:
        path = target(self.data, args[0])
        if path is None:
            self.uses.unresolved.append(call)
            return
        judgement = self.judge(path)
        if spared(self.program, judgement, path, Use.MADE, args[1:]):
            self._accounted(args[0])
            return
        spot = Spot(path, judgement, Use.MADE, call, call.offset, path.walked)
        if judgement.shape in _RUN_STATES:
            self._state(call, path, judgement.shape)
        elif judgement.shape in TEXT_SHAPES:
            self._given_text(call, Effective(path, args[1:], call, args[0]), judgement.shape)
        elif judgement.standing is Standing.DANGEROUS:
            self.uses.dangerous.append(spot)
        elif judgement.standing is Standing.UNKNOWN:
            self.uses.unknown.append(spot)

    def _applied(self, call: Call, args: tuple[Value, ...]) -> None:
        """Judge every callable that a dispatcher such as ``map`` is given as if called."""
        for value in makers.callbacks(call, args):
            path = target(self.data, value)
            if path is None:
                continue
            self._accounted(value)
            untold = not is_told(self.data, value) and not makers.takes_state(path)
            if untold and makers.is_of_python(target(self.data, call.callee)):
                self.uses.unresolved.append(call)
            rest = tuple(other for other in args if other is not value)
            inner = Call("REDUCE", value, rest, call.offset)
            self._judge_inner(Effective(path, rest, inner, value), call)

    def _judge_inner(self, found: Effective, call: Call) -> None:
        assert found.target is not None
        judgement = self.judge(found.target)
        if judgement.standing is Standing.SHAPE:
            made = makers.reconstructed(call, judgement.shape)
            if made is not None:
                self._instance(call, made)
            elif judgement.shape not in _HARMLESS_CALLBACKS:
                keeper = target(self.data, call.callee)
                if keeper is None or not makers.keeps(keeper):
                    self.uses.unresolved.append(call)
            return
        if judgement.standing is not Standing.SAFE or judgement.capability:
            use = given(self.program, found.args, self.allowance)
            receiver = str(target(self.data, call.callee) or "")
            spot = Spot(found.target, judgement, use, call, call.offset, passed_to=receiver)
            unknown = judgement.standing is Standing.UNKNOWN or judgement.capability == UNVOUCHED
            (self.uses.unknown if unknown else self.uses.dangerous).append(spot)

    def _deferred(self, call: Call) -> None:
        function = bound_by(call).function
        path = target(self.data, function)
        if path is None:
            return
        judgement = self.judge(path)
        if judgement.shape == "load_from_bytes":
            self._nested(path, bound_by(call).args, call)
        if judgement.standing is not Standing.DANGEROUS:
            return
        self._accounted(function)
        if not (path.name.endswith(_NEW) and spared(self.program, judgement, path, Use.MADE)):
            spot = Spot(path, judgement, Use.NAMED, call, call.offset, path.walked, "partial")
            self.uses.dangerous.append(spot)

    def _nested(self, path: Target, args: tuple[Value, ...], call: Call) -> None:
        if not makers.loads_plain_bytes(self.program, path, args):
            self._danger(path, makers.COMPUTED_BYTES, call)

    def _walk(self, call: Call) -> None:
        path = target(self.data, call)
        if path is None:
            if len(arguments(call)) >= 2:
                self.uses.unresolved.append(call)
            return
        if str(path) in _SETTERS:
            for default in arguments(call)[2:]:
                self._accounted(default)
            return
        judgement = self.judge(path)
        if judgement.standing is Standing.DANGEROUS and not (
            path.name.endswith(_NEW) and spared(self.program, judgement, path, Use.MADE)
        ):
            self.uses.dangerous.append(Spot(path, judgement, Use.NAMED, call, call.offset, True))

    def _accounted(self, value: Value) -> None:
        """Note that a use worse than being named has been reported for an import."""
        if type(value) is Global:
            self.called.add(value)

    def _named(self, found: Global) -> None:
        path = Target(found.module, found.name)
        judgement = self.judge(path)
        spot = Spot(path, judgement, Use.NAMED, found, found.offset)
        if found.computed:
            self.uses.computed.append(found)
        if judgement.odd and (judgement.through or found in self.called or not self.broken):
            self.uses.odd.append(spot)
        if judgement.standing is Standing.DANGEROUS and found not in self.called:
            if not spared(self.program, judgement, path, Use.NAMED):
                self.uses.dangerous.append(spot)
        elif judgement.standing is Standing.UNKNOWN and found not in self.called:
            self.uses.unknown.append(spot)
