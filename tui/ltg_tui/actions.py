"""The one registry of actions: it feeds the keys, the help, the hint line, and later the command line and `tui.toml`.

No Textual here. A widget or screen binds the actions of its place with `textual_bindings`, and has a method
`action_<id>` for each.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, TypeAlias

Place: TypeAlias = Literal["tree", "text", "trace", "edit", "plan", "read", "choice"]


class Action(NamedTuple):
    """Something that a key does.

    Attributes:
        id: its name, unique in its place.
        keys: Textual's names, with commas.
        help: what it does, for `?`.
        place: `tree`, `text` (a pane), `trace` (anywhere on the main screen), `edit`, `plan`, `read` (a page), `choice`.
        hint: the word on the hint line; empty for none.
        shown: how the keys are written for people; the keys themselves when empty.
    """

    id: str
    keys: str
    help: str
    place: Place
    hint: str = ""
    shown: str = ""


ACTIONS: Final[tuple[Action, ...]] = (
    Action("down", "j,down", "next row", "tree", shown="j ↓"),
    Action("up", "k,up", "previous row", "tree", shown="k ↑"),
    Action("page_down", "pagedown,ctrl+d", "a page down", "tree", shown="PgDn"),
    Action("page_up", "pageup,ctrl+u", "a page up", "tree", shown="PgUp"),
    Action("first", "g,home", "first row", "tree", shown="g"),
    Action("last", "G,end", "last row", "tree", shown="G"),
    Action("fold", "h,left", "fold, or go to the parent", "tree", shown="h ←"),
    Action("unfold", "l,right", "unfold, or go to the first child", "tree", shown="l →"),
    Action("toggle_fold", "space", "fold or unfold", "tree", shown="Space"),
    Action("toggle_below", "O", "fold or unfold everything below", "tree"),
    Action("enter", "enter", "read the task: go to its panes", "tree", "read", "Enter"),
    Action("down", "j,down", "a line down", "text", shown="j ↓"),
    Action("up", "k,up", "a line up", "text", shown="k ↑"),
    Action("page_down", "pagedown,space,ctrl+d", "a page down", "text", shown="PgDn Space"),
    Action("page_up", "pageup,ctrl+u", "a page up", "text", shown="PgUp"),
    Action("first", "g,home", "to the beginning", "text", shown="g"),
    Action("last", "G,end", "to the end", "text", shown="G"),
    Action("edit", "e", "edit what the pane shows; in the tree: response, or output", "trace", "edit"),
    Action("edit_outside", "E", "likewise in $EDITOR", "trace"),
    Action("edit_model", "m", "edit the model", "trace"),
    Action("revert", "u", "take the edit back", "trace", "revert"),
    Action("resume", "r", "resume: show what will run; Enter there starts it", "trace", "resume"),
    Action("stop", "S", "stop the run that was started here", "trace"),
    Action("older_run", "left_square_bracket", "older run", "trace", shown="["),
    Action("newer_run", "right_square_bracket", "newer run", "trace", shown="]"),
    Action("follow", "F", "follow: show new runs as they start", "trace"),
    Action("search", "slash", "search the names of tasks", "trace", "search", "/"),
    Action("next_match", "n", "next match", "trace"),
    Action("previous_match", "N", "previous match", "trace"),
    Action("next_problem", "x", "next task that failed", "trace", "problem"),
    Action("previous_problem", "X", "previous task that failed", "trace"),
    Action("pane('prompt')", "1", "prompt, or arguments", "trace"),
    Action("pane('response')", "2", "response", "trace"),
    Action("pane('output')", "3", "output, or error", "trace"),
    Action("pane('info')", "4", "info: times, tokens, attempts, edits, log", "trace"),
    Action("next_pane", "tab", "next pane", "trace", shown="Tab"),
    Action("previous_pane", "shift+tab", "previous pane", "trace", shown="Shift+Tab"),
    Action("zoom", "z", "give the focused pane the whole screen", "trace"),
    Action("child_log", "L", "what the run that was started here printed", "trace"),
    Action("help", "question_mark", "the keys", "trace", "help", "?"),
    Action("back", "escape", "back to the tree", "trace", shown="Esc"),
    Action("quit", "q,ctrl+q", "quit; edits are saved already", "trace", "quit", "q"),
    Action("apply", "ctrl+s", "apply: the edit is saved at once", "edit", "apply", "Ctrl+S"),
    Action("cancel", "escape", "close; asks when something was changed", "edit", "cancel", "Esc"),
    Action("start", "enter", "start", "plan", "start", "Enter"),
    Action("cancel", "escape,q", "do not", "plan", "not now", "Esc"),
    Action("cancel", "escape,q,enter", "close", "read", "close", "Esc"),
)

TITLES: Final[dict[Place, str]] = {"trace": "Anywhere", "tree": "Tree", "text": "Panes", "edit": "Editor", "plan": "Resume"}
"""What `?` lists, in its order."""


def of(place: Place) -> list[Action]:
    """The actions of a place."""
    return [action for action in ACTIONS if action.place == place]


def key_text(action: Action) -> str:
    """The keys of an action as people write them."""
    return action.shown or action.keys.replace(",", " ")
