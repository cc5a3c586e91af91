"""Edits in a trace file: lock it, append the edit, let go."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from typing import Final

from . import _edit
from ._errors import TraceError
from ._events import Edit, EditMade, EditName, Run
from ._store import Store

PathLike = str | os.PathLike[str]

FOLDED_UP_TO: Final = 8 << 20
"""Larger traces, in bytes, keep their journal until a run ends: folding writes all of them."""


@contextlib.contextmanager
def _opened(path: PathLike, run: int | None, doing: str, of: str | None) -> Iterator[tuple[Store, Run]]:
    store, large = Store.open(path, doing=doing), False
    try:
        large = store.path.stat().st_size > FOLDED_UP_TO
        if of not in (None, store.state.id):
            raise TraceError(store.path, "another trace has taken its place", "open it again")
        yield store, store.state.run(run)
    finally:
        store.close(fold=not large)


def edit_trace(path: PathLike, run: int | None, task: str, stage: EditName, text: str, *, of: str | None = None) -> Edit:
    """Edit a stage of a task in a trace file; see `TaskGraph.edit`. `text` is what a person typed; `of` the trace's id."""
    with _opened(path, run, "edit", of) as (store, found):
        edit = _edit.edit(store.state, found.id, _edit.one_task(store.state, found.id, task), stage, text, time.time())
        store.append(EditMade(edit))
    return edit


def revert_trace(path: PathLike, run: int | None, task: str, stage: EditName, *, of: str | None = None) -> Edit:
    """Take back an edit in a trace file."""
    with _opened(path, run, "edit", of) as (store, found):
        edit = _edit.revert(store.state, found.id, _edit.one_task(store.state, found.id, task), stage, time.time())
        store.append(EditMade(edit))
    return edit


def again_trace(path: PathLike, run: int | None, task: str, *, of: str | None = None) -> Edit:
    """Ask for a new sample of a task in a trace file; the next resume makes it."""
    with _opened(path, run, "edit", of) as (store, found):
        edit = _edit.again(store.state, found.id, _edit.one_task(store.state, found.id, task), time.time())
        store.append(EditMade(edit))
    return edit
