"""The pickle interpreter: runs a stream symbolically, building and importing nothing.

One plain loop over the opcodes with a full stack, mark stack and memo, in the order in which
CPython's unpickler would do things; what it would import, call, build or resolve is recorded with
offsets. Frequent opcodes are in the loop, the others in ``rare``. With ``batch`` on, runs of
scalars are taken in one step (``runs``); the two ways are tested to give the same program.
"""

from __future__ import annotations

from struct import Struct

from ...errors import LimitExceeded
from ...limits import Budget
from . import rare
from .arrays import note_elsewhere, skip_array, wrapped
from .binders import as_partial
from .literals import decode
from .memo import Memo
from .opcodes import NAMES, OPERAND
from .planting import holds_more, notable, note_items, note_planted
from .record import Recorder, StreamError
from .runs import LONGEST, item_pattern, run_pattern
from .values import KEEP, Call, Container, Global, Run, Value
from .window import SKIP_ABOVE, Window

_CHECK_EVERY = 1 << 20
_TAIL = 16
_SHORT_RUN = 48
_MOST_NOTABLE = 64 * KEEP
_FLOOD = 64
_MODULUS = (1 << 61) - 1
_BIG = frozenset((0x8A, 0x8B))
_HUGE_INDEX = 1 << 25
_INDEX = Struct("<I").unpack_from
_RUN_STARTS = frozenset(b"KMJG\x8cXN\x88\x89")
_BY_KEY = frozenset(b"su")
_FETCHED_AS_IT_IS = frozenset((int, Global))
"""Types of memo entries that need no second look; for the others somebody keeps count."""

_ADDERS = {"list": 0x65, "dict": 0x75, "set": 0x90}


class Machine:
    """Interprets one stream.

    Args:
        window: The input.
        recorder: Where imports, calls and the rest are written down.
        budget: Limits and clock.
        start: Position of the first opcode.
        batch: Take runs of scalars in one step.
        previous: Memo of the stream before, for loaders that keep one unpickler.
    """

    __slots__ = (
        "batch", "budget", "data", "end", "follow_arrays", "marks", "memo", "position", "previous",
        "protocol", "recorder", "result", "stack", "step", "stopped", "window", "wrappers",
    )  # fmt: skip

    def __init__(
        self,
        window: Window,
        recorder: Recorder,
        budget: Budget,
        start: int,
        batch: bool = True,
        previous: Memo | None = None,
    ) -> None:
        self.window = window
        self.recorder = recorder
        self.budget = budget
        self.position = start
        self.batch = batch
        self.previous = previous
        self.data = window.data
        self.end = len(self.data)
        self.stack: list[Value] = []
        self.marks: list[list[Value]] = []
        self.memo = Memo(budget.limits.max_memo)
        self.protocol = 0
        self.stopped = False
        self.follow_arrays = True
        self.step = _CHECK_EVERY
        self.result: Value | None = None
        self.wrappers: dict[Global, str] = {}

    def run(self) -> None:
        """Run to STOP.

        Raises:
            StreamError: The stream breaks; what it did before is in the recorder.
            LimitExceeded: It asks for more than the limits give.
        """
        while not self.stopped:
            self._check_limits()
            safe = min(self.end - _TAIL, self.position + self.step)
            if self.position < safe:
                self._loop(safe)
            elif not self._refill():
                self._last_one()
        self._check_memo()

    def _check_limits(self) -> None:
        limits = self.budget.limits
        if len(self.marks) > limits.max_marks:
            raise LimitExceeded(f"more than {limits.max_marks} nested marks")
        live = len(self.stack) + sum(map(len, self.marks))
        if live > limits.max_stack:
            raise LimitExceeded(f"more than {limits.max_stack} values on the stack")
        if min(self.position, self.end) > limits.max_opcode_bytes:
            text = f"more than {limits.max_opcode_bytes} bytes of opcodes"
            raise LimitExceeded(text, "raise --max-opcode-bytes to read on")
        self._check_memo()
        self.budget.check_time()

    def _check_memo(self) -> None:
        limit = self.budget.limits.max_memo
        if len(self.memo.entries) > limit:
            raise LimitExceeded(f"memo of more than {limit} entries")

    def _refill(self) -> bool:
        """Bring in more input; return False when there is none and the end is near."""
        if self.position > self.end:
            self._leap()
        grown = self.window.extend()
        self.data = self.window.data
        self.end = len(self.data)
        return grown

    def _leap(self) -> None:
        """Go on behind a literal that ends past what is here; a long one is not brought in."""
        if self.position - self.end > SKIP_ABOVE:
            if self.stack and type(self.stack[-1]) is int:
                self.window.payloads.add(self.stack[-1])
            moved = self.window.skip(self.position)
            if moved is None:
                raise StreamError(self.end, "the stream ends inside a literal")
            self.position = moved
        while self.position > len(self.window.data):
            if not self.window.extend():
                raise StreamError(self.end, "the stream ends inside a literal")

    def _last_one(self) -> None:
        """Run exactly one opcode close to the end of the input."""
        position = self.position
        if position >= self.end:
            raise StreamError(position, "the stream ends without STOP")
        if position + 1 + OPERAND[self.data[position]] > self.end:
            raise StreamError(position, "the stream ends inside an opcode")
        self._loop(position + 1)
        if self.position > self.end and not self.stopped:
            self._refill()

    def _loop(self, safe: int) -> None:
        """Run opcodes while the position is below ``safe``.

        The chain is cut in three by number, so that no opcode waits for more than a few tests.
        """
        data, stack, marks, memo = self.data, self.stack, self.marks, self.memo
        entries, recorder = memo.entries, self.recorder
        position = self.position
        handlers = rare.HANDLERS
        try:
            while position < safe:
                opcode = data[position]
                if opcode >= 0x80:
                    if opcode == 0x94:  # MEMOIZE
                        if memo.owed:
                            memo.put(None, stack[-1])
                        else:
                            entries[len(entries)] = stack[-1]
                        position += 1
                    elif opcode == 0x8C:  # SHORT_BINUNICODE
                        length = data[position + 1]
                        if length > LONGEST and self.batch:
                            position = self._long_string(position)
                            stack = self.stack
                        else:
                            stack.append(position)
                            position += 2 + length
                    elif opcode == 0x86:  # TUPLE2
                        second = stack.pop()
                        stack[-1] = (stack[-1], second)
                        position += 1
                    elif opcode == 0x81:  # NEWOBJ
                        args = stack.pop()
                        stack[-1] = recorder.new(stack[-1], args, position)
                        position += 1
                    elif opcode == 0x89 or opcode == 0x88:  # NEWFALSE, NEWTRUE
                        stack.append(position)
                        position += 1
                    elif opcode == 0x8A:  # LONG1
                        stack.append(position)
                        position += 2 + data[position + 1]
                    else:
                        position = handlers[opcode](self, position)
                        stack = self.stack
                elif opcode >= 0x60:
                    if opcode == 0x68:  # BINGET
                        value = entries.get(data[position + 1])
                        if value is None or memo.owed or type(value) not in _FETCHED_AS_IT_IS:
                            value = self.fetch(data[position + 1], position)
                        stack.append(value)
                        position += 2
                    elif opcode == 0x72:  # LONG_BINPUT
                        index = _INDEX(data, position + 1)[0]
                        if memo.owed or index > _HUGE_INDEX:
                            self._put(index, stack[-1], position)
                        else:
                            entries[index] = stack[-1]
                        position += 5
                    elif opcode == 0x71:  # BINPUT
                        if memo.owed:
                            memo.put(data[position + 1], stack[-1])
                        else:
                            entries[data[position + 1]] = stack[-1]
                        position += 2
                    elif opcode == 0x74:  # TUPLE
                        items, stack = stack, marks.pop()
                        self.stack = stack
                        stack.append(tuple(items))
                        position += 1
                    elif opcode == 0x6A:  # LONG_BINGET
                        stack.append(self.fetch(_INDEX(data, position + 1)[0], position))
                        position += 5
                    elif opcode == 0x62:  # BUILD
                        state = stack.pop()
                        built = stack[-1]
                        recorder.build(built, state, position)
                        position += 1
                        if type(built) is Call:
                            if type(state) is not int:
                                note_planted(data, recorder, built, state, position - 1)
                            where = self._wrapped(built)
                            if where == "elsewhere":
                                note_elsewhere(data, recorder, built, state)
                            elif where and self.follow_arrays:
                                position = skip_array(self, state, position)
                                break
                    elif opcode == 0x75 or opcode == 0x65:  # SETITEMS, APPENDS
                        items, stack = stack, marks.pop()
                        self.stack = stack
                        self.add(stack[-1], items, position)
                        position += 1
                    elif opcode == 0x7D:  # EMPTY_DICT
                        stack.append(Container("dict", position))
                        position += 1
                    else:
                        position = handlers[opcode](self, position)
                        stack = self.stack
                elif opcode == 0x4B:  # BININT1
                    stack.append(position)
                    position += 2
                elif opcode == 0x4D:  # BININT2
                    stack.append(position)
                    position += 3
                elif opcode == 0x28:  # MARK
                    marks.append(stack)
                    self.stack = stack = []
                    position += 1
                    if self.batch and position < safe and data[position] in _RUN_STARTS:
                        position = self._take_run(position)
                        stack = self.stack
                elif opcode == 0x4A:  # BININT
                    stack.append(position)
                    position += 5
                elif opcode == 0x58:  # BINUNICODE
                    stack.append(position)
                    position += 5 + _INDEX(data, position + 1)[0]
                elif opcode == 0x52:  # REDUCE
                    args, callee = stack.pop(), stack[-1]
                    if type(callee) is Call:
                        callee = as_partial(data, callee)
                    stack[-1] = recorder.call("REDUCE", callee, args, position)
                    position += 1
                elif opcode == 0x29:  # EMPTY_TUPLE
                    stack.append(())
                    position += 1
                elif opcode == 0x4E:  # NONE
                    stack.append(position)
                    position += 1
                elif opcode == 0x47:  # BINFLOAT
                    stack.append(position)
                    position += 9
                else:
                    position = handlers[opcode](self, position)
                    stack = self.stack
                    if self.stopped:
                        break
        except IndexError:
            raise StreamError(position, f"{NAMES[opcode]} on an empty stack") from None
        finally:
            self.position = position

    def _put(self, index: int, value: Value, position: int) -> None:
        """Store under an index that is large, or while bulk writes are pending."""
        if index > _HUGE_INDEX:
            self.recorder.note(position, f"memo entry {index} and memory for all below")
        self.memo.put(index, value)

    def _wrapped(self, built: Call) -> str:
        """Return where joblib's loader would look for the array of an instance, if it is one."""
        if built.kind != "NEWOBJ" or type(built.callee) is not Global:
            return wrapped(self.data, built)
        where = self.wrappers.get(built.callee)
        if where is None:
            where = self.wrappers[built.callee] = wrapped(self.data, built)
        return where

    def fetch(self, index: int, position: int) -> Value:
        """Return the memo entry ``index``. Raises StreamError when there is none."""
        value = self.memo.get(index, self.data)
        if value is None and self.previous is not None:
            value = self.previous.get(index, self.data)
        if value is None:
            raise StreamError(position, f"memo entry {index} was never stored")
        if type(value) is tuple or type(value) is Container:
            self.recorder.shared += 1
        return value

    def add(self, target: Value, items: list[Value], position: int) -> None:
        """Store items into a container, or record what storing them would call."""
        if type(target) is Container:
            if len(items) >= _FLOOD and self._collide(target, items):
                self.recorder.note(position, "a dict or set whose keys all collide")
            room = KEEP - len(target.items)
            target.more |= room < len(items)
            target.items += items[:room]
            if target.kind == "dict" and holds_more(items):
                note_items(self.data, self.recorder, target, items, position)
                if room < len(items) and len(target.items) < _MOST_NOTABLE:
                    for pair in notable(self.data, items[max(0, room) :]):
                        target.items += pair
        elif type(target) is Call:
            if self.data[position] in _BY_KEY:
                note_items(self.data, self.recorder, target, items, position)
            else:
                self.recorder.listed.setdefault(id(target), (target, position))
            self.recorder.store(target, items, position)
        elif isinstance(target, Global):
            self.recorder.store_into_name(target, items, position)

    def _collide(self, target: Container, items: list[Value]) -> bool:
        """Return True when the keys are integers that differ by multiples of the hash's modulus."""
        if target.kind == "list" or type(items[0]) is not int or self.data[items[0]] not in _BIG:
            return False
        step = 2 if target.kind == "dict" else 1
        sample = [item for item in items[: _FLOOD * step : step] if type(item) is int]
        values = {decode(self.data, item) for item in sample}
        return len({v % _MODULUS for v in values if type(v) is int}) == 1 < len(values)

    def nested(self, position: int) -> Machine:
        """Return a machine for a pickle that begins inside this one's input."""
        inner = Machine(self.window, self.recorder, self.budget, position, self.batch)
        inner.follow_arrays = False
        return inner

    def pop_mark(self) -> list[Value]:
        """Return what lies above the topmost mark, and drop the mark.

        Raises:
            IndexError: There is no mark.
        """
        items, self.stack = self.stack, self.marks.pop()
        return items

    def _take_run(self, position: int) -> int:
        """Take the scalars from ``position`` in one step; return where they end."""
        match = run_pattern().match(self.data, position, self.end - _TAIL)
        if match is None or match.end() - position < _SHORT_RUN:
            return position
        finish = match.start(1)
        if finish >= 0 and not self.stack and self.marks[-1]:
            target = self.marks[-1][-1]
            if type(target) is Container and _ADDERS.get(target.kind) == self.data[finish]:
                self.stack = self.marks.pop()
                target.more |= len(target.items) >= KEEP
                if len(target.items) < KEEP:
                    target.items.append(Run(position, finish))
                self.memo.put_run(position, finish)
                return finish + 1
        finish = finish if finish >= 0 else match.end()
        self.stack += [
            found.start() for found in item_pattern().finditer(self.data, position, finish)
        ]
        self.memo.put_run(position, finish)
        return finish

    def _long_string(self, position: int) -> int:
        """Push a string too long for a run and go on with the run behind it."""
        self.stack.append(position)
        position += 2 + self.data[position + 1]
        if self.data[position : position + 1] == b"\x94":
            self.memo.put(None, self.stack[-1])
            position += 1
        if self.marks and position < self.end - _TAIL and self.data[position] in _RUN_STARTS:
            return self._take_run(position)
        return position
