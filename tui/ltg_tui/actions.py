"""The one registry of actions: it feeds the keys, the help, the hint line, the command line and `tui.toml`.

No Textual here. To add an action: a line in the section where `?` shall list it, a method in the place that does it, and
`python docs/keys.py`.

* A place of the main screen that nobody else shares (`tree`, `text`), the main screen itself (`trace`) or a sheet over it does
  its actions by a method `action_<id>` of its class, which binds them with `widgets.bindings.bindings(place)`.
* What concerns the trace, its runs or the program is done by the app: place `app`, and a method `do_<id>(at)` in one of the
  app's parts. No screen needs to know of it. `needs` names what must hold for it (`model/needs.py`): where that is not so,
  the key says why, and the hint is not shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, TypeAlias, cast

from .model.keymap import pretty

Place: TypeAlias = Literal[
    "tree",
    "text",
    "trace",
    "app",
    "editor",
    "plan",
    "edits",
    "read",
    "choice",
    "list",
    "links",
    "picker",
    "runs",
    "pairs",
    "compare",
    "web",
]

Need: TypeAlias = Literal["run", "task", "writable", "editable", "ended", "llm"]
"""A run on screen; a task under the cursor; a trace that can be written; likewise, and its run has ended; that; an LLM task."""


class Action(NamedTuple):
    """Something that a key does.

    Attributes:
        id: its name, unique in its place; underscores, no arguments. `:` takes it with hyphens.
        keys: Textual's names, with commas; empty for what only the command line does.
        help: what it does, for `?`; other keys stand in it as `{place.id}` (`help_text`).
        hint: the word on the hint line; empty for none.
        rank: of the hint: the higher, the sooner it gives way where the line is short.
        shown: how the keys are written for people; the keys themselves when empty.
        needs: what must hold for it.
        argument: what `:id` takes after it, such as `RUN`; empty for nothing.
        place: who does it; set by its section.
        group: the heading it stands under in `?`; set by its section.
    """

    id: str
    keys: str
    help: str
    hint: str = ""
    rank: int = 5
    shown: str = ""
    needs: tuple[Need, ...] = ()
    argument: str = ""
    place: Place = "app"
    group: str = ""


def _section(group: str, place: Place, *found: Action) -> tuple[Action, ...]:
    return tuple(action._replace(place=place, group=group) for action in found)


ACTIONS: Final[tuple[Action, ...]] = (
    *_section(
        "Tree",
        "tree",
        Action("down", "j,down", "next row", shown="j ↓"),
        Action("up", "k,up", "previous row", shown="k ↑"),
        Action("page_down", "pagedown,ctrl+d", "a page down", shown="PgDn"),
        Action("page_up", "pageup,ctrl+u", "a page up", shown="PgUp"),
        Action("first", "g,home", "first row", shown="g"),
        Action("last", "G,end", "last row", shown="G"),
        Action("fold", "h,left", "fold, or go to the parent", shown="h ←"),
        Action("unfold", "l,right", "unfold, or go to the first child", shown="l →"),
        Action("toggle_fold", "space", "fold or unfold", shown="Space"),
        Action("toggle_below", "O", "fold or unfold everything below"),
        Action("waterfall", "w", "when things happened, as bars; again: not"),
        Action("enter", "enter", "read the task: go to its panes", "read", 3, shown="Enter"),
    ),
    *_section(
        "Text",
        "text",
        Action("down", "j,down", "a line down", shown="j ↓"),
        Action("up", "k,up", "a line up", shown="k ↑"),
        Action("page_down", "pagedown,space,ctrl+d", "a page down", shown="PgDn Space"),
        Action("page_up", "pageup,ctrl+u", "a page up", shown="PgUp"),
        Action("first", "g,home", "to the beginning", shown="g"),
        Action("last", "G,end", "to the end", shown="G"),
        Action("left", "h,left", "to the left, where lines are not wrapped", shown="h ←"),
        Action("right", "l,right", "to the right, where lines are not wrapped", shown="l →"),
    ),
    *_section(
        "Reading",
        "app",
        Action("view", "v", "the pane as text, as Markdown, as JSON, raw", "view", 6),
        Action("wrap", "W", "wrap long lines, or not"),
        Action(
            "select", "V", "select rows; {app.select} again holds the first one, {text.down} {text.up} move on, {trace.back} ends"
        ),
        Action("copy", "y", "copy the selection, or the pane; in the tree: the id of the task", "copy", 7),
        Action("write", "Y", "write the selection, or the pane, to a file", argument="FILE"),
    ),
    *_section(
        "Panes",
        "trace",
        Action("pane_prompt", "1", "prompt, or arguments"),
        Action("pane_response", "2", "response"),
        Action("pane_output", "3", "output, or error"),
        Action("pane_info", "4", "info: times, tokens, attempts, edits, log"),
        Action("next_pane", "tab", "next pane", shown="Tab"),
        Action("previous_pane", "shift+tab", "previous pane", shown="Shift+Tab"),
        Action("zoom", "z", "give the focused pane the whole screen"),
        Action("back", "escape", "back to the tree", shown="Esc"),
    ),
    *_section(
        "Find",
        "app",
        Action(
            "search",
            "slash",
            "search names and texts, or the text with the focus; /regex/",
            "search",
            4,
            shown="/",
            needs=("run",),
            argument="TEXT",
        ),
        Action("next_match", "n", "next match: in the tree a task, in a pane a place"),
        Action("previous_match", "N", "previous match"),
        Action(
            "filter",
            "f",
            "show only some tasks: kind: status: model: cost> time> words",
            "filter",
            6,
            needs=("run",),
            argument="FILTER",
        ),
        Action("next_problem", "x", "next task that failed; where none failed, that is blocked", "problem", 5),
        Action("previous_problem", "X", "previous one"),
        Action(
            "causes",
            "c",
            "what the task uses directly, and through which argument; {list.choose} goes there",
            "causes",
            6,
            needs=("task",),
        ),
        Action("effects", "d", "what uses the task directly", needs=("task",)),
        Action(
            "origin",
            "T",
            "where the text that is selected or searched for first appeared upstream",
            needs=("task",),
            argument="TEXT",
        ),
        Action("upstream", "C", "show only what the task depends on, near and far", needs=("task",)),
        Action("downstream", "D", "show only what depends on the task, near and far", needs=("task",)),
        Action("widen", "", "show the whole tree again; {trace.back} in the tree does so, too"),
        Action("jump_back", "comma", "back to where one jumped from", shown=","),
        Action("jump_forward", "full_stop", "forward again", shown="."),
    ),
    *_section(
        "Edit",
        "app",
        Action("edit", "e", "edit what the pane shows; in the tree: response or output", "edit", 2, needs=("task", "editable")),
        Action("edit_outside", "E", "likewise in $EDITOR", needs=("task", "editable")),
        Action("edit_model", "m", "edit model, parameters", needs=("task", "editable", "llm")),
        Action("revert", "u", "take the edit back", "revert", 7, needs=("task", "editable")),
        Action("edits", "M", "all edits of the trace, and drafts that were kept", needs=("run",)),
    ),
    *_section(
        "Run",
        "app",
        Action(
            "resume",
            "r",
            "resume: show what will run; {plan.start} there starts it",
            "resume",
            2,
            needs=("writable", "run", "ended"),
        ),
        Action("again", "R", "run this task again, as a new sample; the plan tells what that takes", needs=("task", "editable")),
        Action("stop", "S", "stop the run that was started here"),
        Action("older_run", "left_square_bracket", "older run", shown="["),
        Action("newer_run", "right_square_bracket", "newer run", shown="]"),
        Action("runs", "B", "all runs: what each edited, ran, kept and cost; to show one, or to compare two", needs=("run",)),
        Action("compare", "equals_sign", "compare this run with its parent, or the one before", shown="=", needs=("run",)),
        Action("follow", "F", "follow: show new runs as they start"),
        Action("sort", "s", "sort siblings: as declared, by start, time, cost, tokens, problems", argument="ORDER"),
        Action("child_log", "L", "what the run that was started here printed"),
    ),
    *_section(
        "ltg-tui",
        "app",
        Action("redraw", "ctrl+l", "paint the screen anew", shown="Ctrl+L"),
        Action("messages", "i", "what was said in this line, in full; newest first"),
        Action("help", "question_mark,f1", "the keys of where one is", "help", 0, shown="? F1"),
        Action("command", "colon", "a command: any action by its name", shown=":"),
        Action("web", "b", "look at the trace in a browser, too; again: where that is, and to end it"),
        Action("settings", "", "what is set in tui.toml, and what is wrong there"),
        Action("run", "", "show a run by its number", argument="NUMBER"),
        Action("task", "", "go to the next task that is like it, such as main/judge*", argument="ID"),
        Action("theme", "", "other colours", argument="NAME"),
        Action("pick", "P", "other traces of this folder"),
        Action("suspend", "", "leave it for the shell; fg comes back (Ctrl+Z)"),
        Action("quit", "q,ctrl+q", "quit; edits are saved already", "quit", 1, shown="q"),
    ),
    *_section(
        "Editor",
        "editor",
        Action("apply", "ctrl+s", "apply: the edit is saved at once", "apply", 1, shown="Ctrl+S"),
        Action("cancel", "escape", "close; asks when something was changed", "cancel", 2, shown="Esc"),
        Action("outside", "ctrl+o", "go on in $EDITOR", "$EDITOR", 4, shown="Ctrl+O"),
        Action("take_up", "ctrl+r", "take up a draft that was kept; again: an older one", "draft", 5, shown="Ctrl+R"),
    ),
    *_section(
        "What a resume will run",
        "plan",
        Action("start", "ctrl+s", "start", "start", 1, shown="Enter Ctrl+S"),
        Action("cancel", "escape,q", "do not", "not now", 2, shown="Esc"),
    ),
    *_section(
        "Edits of the trace",
        "edits",
        Action("go", "l,right", "go to the task", "go to the task", 1, shown="Enter l"),
        Action("revert", "u", "take the edit back", "take back", 2),
        Action("cancel", "escape,q", "close", "close", 3, shown="Esc"),
    ),
    *_section(
        "List",
        "list",
        Action("down", "j,down", "next row", shown="j ↓"),
        Action("up", "k,up", "previous row", shown="k ↑"),
        Action("page_down", "pagedown,ctrl+d,space", "a page down", shown="PgDn Space"),
        Action("page_up", "pageup,ctrl+u", "a page up", shown="PgUp"),
        Action("first", "g,home", "first row", shown="g"),
        Action("last", "G,end", "last row", shown="G"),
        Action("choose", "enter", "take this one", shown="Enter"),
    ),
    *_section(
        "Causes or effects",
        "links",
        Action("cancel", "escape,q", "close", "close", 2, shown="Esc"),
    ),
    *_section(
        "Traces of a folder",
        "picker",
        Action("open", "l,right", "open the trace", "open", 1, shown="Enter l"),
        Action("again", "r", "look again", "look again", 4),
        Action("help", "question_mark,f1", "the keys", "help", 3, shown="? F1"),
        Action("back", "escape", "back to the trace one came from, or quit", shown="Esc"),
        Action("quit", "q,ctrl+q", "quit", "quit", 2, shown="q"),
    ),
    *_section(
        "Runs",
        "runs",
        Action("show", "l,right", "show this run", "show", 1, shown="Enter l"),
        Action("compare", "equals_sign", "compare it with the marked one: first the run on the screen", "compare", 2, shown="="),
        Action("mark", "m", "mark it: {runs.compare} on another one compares the two", "mark", 3),
        Action("help", "question_mark,f1", "the keys", "help", 4, shown="? F1"),
        Action("cancel", "escape,q", "close", "close", 5, shown="Esc"),
    ),
    *_section(
        "Tasks of two runs",
        "pairs",
        Action("fold", "h,left", "fold, or go to the graph it is in", shown="h ←"),
        Action("unfold", "l,right", "unfold", shown="l →"),
    ),
    *_section(
        "Two runs",
        "compare",
        Action("next_difference", "n,x", "next difference", "next", 1, shown="n"),
        Action("previous_difference", "N,X", "previous difference", shown="N"),
        Action("only_differences", "o", "only what differs, or all tasks", "only what differs", 4),
        Action("other_run", "B", "compare with another run", "other run", 5),
        Action("to_tree", "t", "to this task on the main screen, in the newer run", "to the tree", 6),
        Action("switch", "tab", "between the tasks and the text", shown="Tab"),
        Action("help", "question_mark,f1", "the keys", "help", 2, shown="? F1"),
        Action("cancel", "escape,q", "back", "back", 3, shown="Esc"),
    ),
    *_section(
        "The trace in a browser",
        "web",
        Action("copy", "y", "copy the address", "copy the address", 1),
        Action("copy_forward", "Y", "copy the line that forwards the port", "the ssh line", 3),
        Action("end", "b", "end the server", "end it", 4),
        Action("cancel", "escape,q,enter", "close; the server goes on", "close", 2, shown="Esc"),
    ),
    *_section("Page", "read", Action("cancel", "escape,q,enter", "close", "close", 1, shown="Esc")),
)

MAIN: Final[tuple[Place, ...]] = ("app", "trace")
"""What works wherever one is on the main screen."""

TOGETHER: Final[tuple[tuple[Place, ...], ...]] = (
    ("tree", *MAIN),
    ("text", *MAIN),
    ("plan", "list"),
    ("edits", "list"),
    ("text", "read"),
    ("text", "web"),
    ("list", "picker"),
    ("list", "runs"),
    ("list", "pairs", "compare"),
    ("text", "compare"),
    ("list", "links"),
    ("editor",),
)
"""Places whose keys work at the same time: no key may mean two things there."""


def of(*places: Place) -> list[Action]:
    """The actions of these places."""
    return [action for place in places for action in ACTIONS if action.place == place]


def find(place: Place, id: str) -> Action:
    """An action."""
    return next(action for action in ACTIONS if action.place == place and action.id == id)


_changed: dict[str, str] = {}


def use_keys(changed: Mapping[str, str]) -> None:
    """Let actions have other keys than those here: `place.id` -> keys. What was changed before is as here again."""
    _changed.clear()
    _changed.update(changed)


def keys_of(action: Action) -> str:
    """The keys of an action, with commas."""
    return _changed.get(f"{action.place}.{action.id}", action.keys)


def key_text(action: Action) -> str:
    """The keys of an action as people write them."""
    if action.shown and f"{action.place}.{action.id}" not in _changed:
        return action.shown
    return " ".join(pretty(key) for key in keys_of(action).split(",") if key)


def first_key(action: Action) -> str:
    """The one key that hints name."""
    return key_text(action).partition(" ")[0]


def key(id: str, place: Place = "app") -> str:
    """The key of an action, to be named in a text; what `:` calls it where it has none."""
    action = find(place, id)
    return first_key(action) or f":{word(action)}"


def help_text(action: Action) -> str:
    """What an action does, with the keys as they are."""
    return re.sub(r"\{(\w+)\.(\w+)\}", lambda named: key(named[2], cast(Place, named[1])), action.help)


def word(action: Action) -> str:
    """What `:` calls it."""
    return action.id.replace("_", "-")
