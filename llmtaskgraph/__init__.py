"""llmtaskgraph: LLM programs as graphs of tasks, recorded, edited and resumed.

The front door: everything public is here, and is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._app import GraphFunction, Registry
    from ._chat import (
        BlobPart,
        Delta,
        Message,
        OutputSchema,
        Part,
        ReasoningPart,
        Request,
        Response,
        TextPart,
        Tool,
        ToolCall,
        ToolResult,
        UriPart,
        Usage,
        assistant,
        file,
        image,
        system,
        user,
    )
    from ._child import Child, resume_words, run_words
    from ._context import Context
    from ._edit import EditRefused, editable, matching
    from ._edit_file import again_trace, edit_trace, revert_trace
    from ._edit_followed import UnsavedEdit, again_followed, edit_followed, revert_followed
    from ._errors import (
        CycleError,
        DamagedTrace,
        DuplicateTask,
        FutureUsed,
        GraphError,
        JournalBroken,
        LLMTaskGraphError,
        NewerTrace,
        NotATrace,
        NotInGraph,
        OutputError,
        ProviderError,
        RunFailed,
        ScriptError,
        TraceError,
        TraceLocked,
        UnknownDependency,
        UnknownProvider,
        UnknownTask,
        UnrecordableValue,
        UnregisteredFunction,
        WrongArguments,
    )
    from ._events import (
        Attempt,
        AttemptFailed,
        AttemptStarted,
        AttemptSucceeded,
        Edit,
        EditMade,
        EditName,
        Event,
        Failure,
        Frame,
        FunctionFacts,
        JournalOpened,
        Log,
        Logged,
        ResponseStreamed,
        Run,
        RunEnded,
        RunStarted,
        Stage,
        StageSettled,
        TaskFailed,
        TaskKept,
        TasksAdded,
        TasksBlocked,
        TaskStarted,
        TaskSucceeded,
    )
    from ._explicit import LLMTask, PythonTask, TaskGraphTask
    from ._follow import Change, Follower, follow
    from ._glance import Glance, glance
    from ._graph import Arg, Children, Task
    from ._links import Link, LinkEnd, Links, named_arguments, named_refs
    from ._plan import Plan, Planned
    from ._plan_child import NoPlan, plan_with_code
    from ._private import new_file, state_folder
    from ._program import Program, ProgramError, load_program
    from ._program_of import NoProgram, find_program, program_of
    from ._roots import plan_recorded, plan_stepwise
    from ._run import Result, Settings
    from ._state import State, TaskRun, fold
    from ._store import holder, read
    from ._task_graph import TaskGraph
    from ._trace import Trace
    from ._trust import is_trusted, trust
    from .providers import Provider

_HOME = {
    "._app": "GraphFunction Registry",
    "._edit_followed": "UnsavedEdit again_followed edit_followed revert_followed",
    "._edit_file": "again_trace edit_trace revert_trace",
    "._roots": "plan_recorded plan_stepwise",
    "._run": "Result Settings",
    "._task_graph": "TaskGraph",
    "._chat": (
        "BlobPart Delta Message OutputSchema Part ReasoningPart Request Response TextPart Tool ToolCall "
        "ToolResult UriPart Usage assistant file image system user"
    ),
    "._context": "Context",
    "._edit": "EditRefused editable matching",
    "._errors": (
        "CycleError DamagedTrace DuplicateTask FutureUsed GraphError JournalBroken LLMTaskGraphError "
        "NewerTrace NotATrace NotInGraph OutputError ProviderError RunFailed ScriptError TraceError "
        "TraceLocked UnknownDependency UnknownProvider UnknownTask UnrecordableValue UnregisteredFunction "
        "WrongArguments"
    ),
    "._events": (
        "Attempt AttemptFailed AttemptStarted AttemptSucceeded Edit EditMade EditName Event Failure Frame "
        "FunctionFacts JournalOpened Log Logged ResponseStreamed Run RunEnded RunStarted Stage StageSettled "
        "TaskFailed TaskKept TaskStarted TaskSucceeded TasksAdded TasksBlocked"
    ),
    "._explicit": "LLMTask PythonTask TaskGraphTask",
    "._follow": "Change Follower follow",
    "._glance": "Glance glance",
    "._graph": "Arg Children Task",
    "._links": "Link LinkEnd Links named_arguments named_refs",
    "._plan": "Plan Planned",
    "._plan_child": "NoPlan plan_with_code",
    "._program": "Program ProgramError load_program",
    "._state": "State TaskRun fold",
    "._store": "holder read",
    "._trace": "Trace",
    "._trust": "is_trusted trust",
    "._child": "Child resume_words run_words",
    "._private": "new_file state_folder",
    "._program_of": "NoProgram find_program program_of",
    ".providers": "Provider",
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names.split()}

__all__ = [
    "Arg",
    "Attempt",
    "AttemptFailed",
    "AttemptStarted",
    "AttemptSucceeded",
    "BlobPart",
    "Change",
    "Child",
    "Children",
    "Context",
    "CycleError",
    "DamagedTrace",
    "Delta",
    "DuplicateTask",
    "Edit",
    "EditMade",
    "EditName",
    "EditRefused",
    "Event",
    "Failure",
    "Follower",
    "Frame",
    "FunctionFacts",
    "FutureUsed",
    "Glance",
    "GraphError",
    "GraphFunction",
    "JournalBroken",
    "JournalOpened",
    "LLMTask",
    "LLMTaskGraphError",
    "Link",
    "LinkEnd",
    "Links",
    "Log",
    "Logged",
    "Message",
    "NewerTrace",
    "NoPlan",
    "NoProgram",
    "NotATrace",
    "NotInGraph",
    "OutputError",
    "OutputSchema",
    "Part",
    "Plan",
    "Planned",
    "Program",
    "ProgramError",
    "Provider",
    "ProviderError",
    "PythonTask",
    "ReasoningPart",
    "Registry",
    "Request",
    "Response",
    "ResponseStreamed",
    "Result",
    "Run",
    "RunEnded",
    "RunFailed",
    "RunStarted",
    "ScriptError",
    "Settings",
    "Stage",
    "StageSettled",
    "State",
    "Task",
    "TaskFailed",
    "TaskGraph",
    "TaskGraphTask",
    "TaskKept",
    "TaskRun",
    "TaskStarted",
    "TaskSucceeded",
    "TasksAdded",
    "TasksBlocked",
    "TextPart",
    "Tool",
    "ToolCall",
    "ToolResult",
    "Trace",
    "TraceError",
    "TraceLocked",
    "UnknownDependency",
    "UnknownProvider",
    "UnknownTask",
    "UnrecordableValue",
    "UnregisteredFunction",
    "UnsavedEdit",
    "UriPart",
    "Usage",
    "WrongArguments",
    "again_followed",
    "again_trace",
    "assistant",
    "edit_followed",
    "edit_trace",
    "editable",
    "file",
    "find_program",
    "fold",
    "follow",
    "glance",
    "holder",
    "image",
    "is_trusted",
    "load_program",
    "matching",
    "named_arguments",
    "named_refs",
    "new_file",
    "plan_recorded",
    "plan_stepwise",
    "plan_with_code",
    "program_of",
    "read",
    "resume_words",
    "revert_followed",
    "revert_trace",
    "run_words",
    "state_folder",
    "system",
    "trust",
    "user",
]


def __getattr__(name: str) -> Any:
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(module, __name__), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
