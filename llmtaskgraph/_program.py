"""Programs by name, `file.py:name` or `package.module:name`: find, start, resume, plan."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

from ._app import GraphFunction
from ._errors import LLMTaskGraphError, WrongArguments
from ._events import Failure
from ._failure import failure
from ._plan import Plan
from ._registry import Functions
from ._roots import RootOf, plan_with
from ._run import PathLike, Result, run_at, settings_from
from ._scope import Scope
from ._state import State
from ._store import MemoryStore
from ._task_graph import TaskGraph


class Program:
    """A program that was named on the command line, loaded.

    Attributes:
        app: its name, as `file.py:name`.
        target: a graph function, or a graph that is written out.
    """

    def __init__(self, app: str, target: GraphFunction[..., Any] | TaskGraph[Any]) -> None:
        self.app, self.target = app, target

    @property
    def functions(self) -> Functions:
        """Its registry."""
        return self.target.registry if isinstance(self.target, GraphFunction) else self.target.functions

    def root_from(self, input: Any) -> RootOf:
        """The root task for an input.

        Raises:
            WrongArguments: it does not fit the signature.
        """
        target = self.target
        if isinstance(target, TaskGraph):
            scope = Scope(target.name)
            root = target.root(input, scope)
            return lambda state, parent: (root, scope)
        if input is not None and not isinstance(input, dict):
            raise WrongArguments(
                f'the input of {target.function.name}{target.function.signature} is an object such as {{"name": ...}}'
            )
        made = target.root_from((), input or {})
        return lambda state, parent: (made, None)


class ProgramError(LLMTaskGraphError):
    """A program cannot be loaded. `failure` holds the user's own frames, where its import raised."""

    exit_code = 3

    def __init__(self, app: str, problem: str, advice: str, failure: Failure | None = None) -> None:
        self.failure = failure
        super().__init__(f"{app}: {problem}; {advice}")


def load_program(app: str) -> Program:
    """Import a program. This runs its module.

    Args:
        app: `file.py:name` or `package.module:name`, where the name is an @app.graph function, a TaskGraph, or a
            function that returns a TaskGraph.

    Raises:
        ProgramError: there is no such file, module or name, or its import raised.
    """
    place, colon, name = app.rpartition(":")
    if not colon or not place or not name:
        raise ProgramError(app, "this names no program", "write file.py:name or package.module:name, such as review.py:main")
    module = _import(app, place)
    target = _find(app, module, name)
    if callable(target) and not isinstance(target, GraphFunction):
        target = _called(app, target)
    if not isinstance(target, (GraphFunction, TaskGraph)):
        problem = f"{name} is a {type(target).__name__}"
        raise ProgramError(app, problem, "name an @app.graph function, a TaskGraph, or a function that returns one")
    return Program(app, target)


def _import(app: str, place: str) -> ModuleType:
    path = Path(place)
    if path.suffix == ".py" or path.exists():
        if not path.is_file():
            raise ProgramError(app, f"there is no file {path}", "give the path from here, or --app")
        return _guarded(app, lambda: _import_file(path.resolve()))
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        found = importlib.util.find_spec(place)
    except (ImportError, ValueError):
        found = None
    if found is None:
        raise ProgramError(app, f"there is no module {place}", "give file.py:name, or start where the package can be imported")
    return _guarded(app, lambda: importlib.import_module(place))


def _import_file(path: Path) -> ModuleType:
    name = path.stem
    known = sys.modules.get(name)
    if known is not None:
        if getattr(known, "__file__", None) == str(path):
            return known
        name = f"{name}_{abs(hash(path)):x}"
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _guarded(app: str, load: Any) -> ModuleType:
    try:
        return load()  # type: ignore[no-any-return]
    except KeyboardInterrupt:
        raise
    except SystemExit as error:
        raise ProgramError(app, f"its import ended the process ({error.code})", "keep that behind `if __name__ == ...`") from None
    except SyntaxError as error:
        where = f"{error.filename}:{error.lineno}"
        raise ProgramError(app, f"{where}: {error.msg}", "mend the syntax", failure(error)) from error
    except Exception as error:
        told = failure(error)
        where = f" at {told.frames[-1].file}:{told.frames[-1].line}" if told.frames else ""
        problem = f"its import raised {told.type}{where}: {told.message}"
        raise ProgramError(app, problem, "mend that, then try again", told) from error


def _find(app: str, module: ModuleType, name: str) -> Any:
    target: Any = module
    for part in name.split("."):
        if not hasattr(target, part):
            close = get_close_matches(part, [known for known in vars(module) if not known.startswith("_")], 3, 0.5)
            hint = f"did you mean {' or '.join(close)}?" if close else "was it renamed? give --app the new name"
            raise ProgramError(app, f"there is no {part} in it", hint)
        target = getattr(target, part)
    return target


def _called(app: str, make: Any) -> Any:
    try:
        return make()
    except Exception as error:
        told = failure(error)
        where = f" at {told.frames[-1].file}:{told.frames[-1].line}" if told.frames else ""
        name = getattr(make, "__name__", "it")
        advice = "name an @app.graph function, a TaskGraph, or a function without arguments that returns one"
        raise ProgramError(app, f"{name}() raised {told.type}{where}: {told.message}", advice, told) from error


async def start(program: Program, *, input: Any = None, trace: PathLike, **settings: Any) -> Result:
    """Make a run without a parent. `settings` are fields of `Settings`."""
    made = settings_from(settings, program.app)
    root_of = program.root_from(input)
    result, _ = await run_at(trace, MemoryStore(), program.functions, root_of, False, made)
    return result


async def resume(program: Program, *, trace: PathLike, run: int | None = None, **settings: Any) -> Result:
    """Resume a run. `settings` are fields of `Settings`."""
    made = settings_from(settings, program.app)
    result, _ = await run_at(trace, MemoryStore(), program.functions, program.target.root_of, run, made)
    return result


def plan(
    program: Program, state: State, run: int | None = None, *, model: str | None = None, scripted: bool | None = None
) -> Plan:
    """What resuming a run would run, perhaps with another model, or with or without a script. Executes nothing but the import."""
    return plan_with(program.functions, program.target.root_of, state, run, model=model, scripted=scripted)
