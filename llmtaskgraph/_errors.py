"""The error tree: one root, branches by whose fault it is, each error building its own message.

Every message says what is wrong, where, and what to do, in one line. `exit_code` is what the command line
returns for it: 1 the run failed, 2 usage, 3 the environment or a file.
"""

from __future__ import annotations

from typing import Literal


class LLMTaskGraphError(Exception):
    """Root of all errors that this package raises on purpose."""

    exit_code = 1


# The author's fault: the graph or the functions as written.


class GraphError(LLMTaskGraphError):
    """The graph is not one that can be run."""

    exit_code = 2


class CycleError(GraphError):
    """Tasks depend on each other in a circle."""

    def __init__(self, cycle: list[str]) -> None:
        self.cycle = cycle
        super().__init__(
            f"these tasks wait for each other: {' -> '.join(cycle)}; a loop is written as a recursive graph function"
        )


class UnknownDependency(GraphError):
    """A task depends on one that is not in its scope."""

    def __init__(self, task: str, dependency: str) -> None:
        super().__init__(
            f"{task} depends on {dependency}, which is not a task of the same graph; "
            "add it to this graph first, or pass it into the sub-graph as an argument"
        )


class DuplicateTask(GraphError):
    """Two tasks of a graph have one id."""

    def __init__(self, task: str) -> None:
        super().__init__(f"there are two tasks {task}; give each its own name")


class UnregisteredFunction(GraphError):
    """A graph names a function that the registry does not hold."""

    def __init__(self, function: str, registry: str, known: list[str]) -> None:
        self.function = function
        names = ", ".join(sorted(known)[:12]) or "nothing"
        super().__init__(
            f"function {function!r} is not in the registry {registry!r}, which holds {names}; "
            "was it renamed or removed since the trace was made?"
        )


class WrongArguments(GraphError):
    """A call does not fit the signature of its function, or an argument the type of its parameter."""


class NotInGraph(GraphError):
    """A function that declares a task was called where no graph is being built."""

    def __init__(self, function: str, how: str) -> None:
        super().__init__(f"{function}(...) declares a task, so it is called inside an @app.graph function; {how}")


class FutureUsed(GraphError):
    """A future value was used where a real one is needed."""

    def __init__(self, task: str, use: str) -> None:
        super().__init__(
            f"the output of {task} is not known while the graph is being built, so {use}; "
            "pass it to an @app.task or @app.graph function, which gets the real value"
        )


class UnrecordableValue(LLMTaskGraphError):
    """A value that JSON cannot hold, so that no trace could give it back."""

    def __init__(self, what: str, where: str = "") -> None:
        self.what, self.where = what, where
        at = f" at {where}" if where else ""
        super().__init__(f"{what}{at} cannot be recorded as JSON; return builtins, dataclasses or msgspec Structs")


# The task's fault: what a function or a model returned.


class OutputError(LLMTaskGraphError):
    """A response does not fit the declared output of its task."""


# The outside's fault: a provider or the network.

Fault = Literal[
    "connection",  # never reached, or broke before an answer
    "timeout",  # the total or the idle deadline passed
    "rate_limit",  # 429
    "server",  # 408, 409, 5xx
    "truncated",  # the stream ended before a finish reason
    "malformed",  # an answer that is not of the protocol
    "quota",  # 429 insufficient_quota: no money, waiting does not help
    "authentication",  # 401, 403, no key
    "not_found",  # unknown model or address
    "request",  # any other 4xx: this request will never be accepted
]

RETRYABLE: frozenset[str] = frozenset({"connection", "timeout", "rate_limit", "server", "truncated", "malformed"})


class ProviderError(LLMTaskGraphError):
    """A send failed.

    Attributes:
        fault: what kind of failure; `retryable` follows from it.
        status: the HTTP status, or None.
        retry_after: seconds that the server asked to wait, or None.
        partial: the text received before the failure; empty when there was none.
    """

    def __init__(
        self,
        message: str,
        *,
        fault: Fault,
        status: int | None = None,
        retry_after: float | None = None,
        partial: str = "",
    ) -> None:
        self.fault, self.status, self.retry_after, self.partial = fault, status, retry_after, partial
        super().__init__(message)

    @property
    def retryable(self) -> bool:
        return self.fault in RETRYABLE


class UnknownProvider(LLMTaskGraphError):
    """A model names a provider that nobody registered."""

    exit_code = 3

    def __init__(self, model: str, known: list[str]) -> None:
        super().__init__(
            f"model {model!r} names no known provider; write it as PROVIDER:MODEL with one of {', '.join(sorted(known))}, "
            "or register yours with app.provider(NAME, ...)"
        )


class ScriptError(LLMTaskGraphError):
    """The file of scripted answers cannot be used. `path` names it."""

    exit_code = 3

    def __init__(self, path: object, problem: str, advice: str) -> None:
        self.path, self.problem = str(path), problem
        super().__init__(f"{path}: {problem}; {advice}")


# The run's fault: it ended otherwise than well.


class RunFailed(LLMTaskGraphError):
    """A run ended with failed tasks. `failures` maps task ids to their error messages."""

    def __init__(self, failures: dict[str, str], trace: str | None = None) -> None:
        self.failures, self.trace = failures, trace
        first = next(iter(failures), None)
        told = f"{first}: {failures[first]}" if first is not None else "it was cancelled"
        more = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
        super().__init__(f"the run failed at {told}{more}")


# The file's fault: a trace or its folder.


class TraceError(LLMTaskGraphError):
    """A trace cannot be read or written. `path` names it."""

    exit_code = 3

    def __init__(self, path: object, problem: str, advice: str) -> None:
        self.path, self.problem, self.advice = str(path), problem, advice
        super().__init__(f"{path}: {problem}; {advice}")


class NotATrace(TraceError):
    """The file is empty, is not JSON, or is JSON of another kind."""


class DamagedTrace(TraceError):
    """The file is a trace with a hole in it. It is never overwritten."""


class NewerTrace(TraceError):
    """The file was written by a newer major format: it can be looked at, not written."""


class TraceLocked(TraceError):
    """Another process is writing the trace."""


class JournalBroken(TraceError):
    """A write did not reach the disk (full, gone, read-only). The run stops; all before it is kept."""


class UnknownTask(LLMTaskGraphError):
    """A task, run or stage that the trace does not have was asked for."""

    exit_code = 2
