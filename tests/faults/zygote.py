"""A process that has imported everything, and forks a child for each run: a start costs milliseconds, not a second.

The test speaks JSON lines with it: `{"call": NAME, ...}` forks, and answers with the pid; `{"wait": PID}` with how it ended.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

HERE = Path(__file__).parent


class Zygote:
    """The process, as a context manager in the test's process. `module` holds the functions that can be called."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __enter__(self) -> Zygote:
        command = [sys.executable, __file__, self._module]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._ask({}) == "ready"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()

    def start(self, call: str, **given: Any) -> int:
        """Call a function in a child of its own. Returns its pid."""
        return int(self._ask({"call": call, **given}))

    def wait(self, pid: int) -> int:
        """How a child ended: its exit code, or minus the signal."""
        return int(self._ask({"wait": pid}))

    def run(self, call: str, **given: Any) -> int:
        """Call a function in a child of its own and wait for it."""
        return self.wait(self.start(call, **given))

    def _ask(self, question: dict[str, Any]) -> Any:
        pipe_in, pipe_out = self._process.stdin, self._process.stdout
        assert pipe_in is not None
        assert pipe_out is not None
        pipe_in.write(json.dumps(question) + "\n")
        pipe_in.flush()
        return json.loads(pipe_out.readline())


def _main(module: str) -> None:
    sys.path[:0] = [str(HERE), str(HERE.parent)]
    functions = importlib.import_module(module)
    gc.freeze()
    for line in sys.stdin:
        asked = json.loads(line)
        answer: Any = "ready"
        if "call" in asked:
            answer = _fork(getattr(functions, asked.pop("call")), asked)
        elif "wait" in asked:
            answer = os.waitstatus_to_exitcode(os.waitpid(asked["wait"], 0)[1])
        print(json.dumps(answer), flush=True)


def _fork(function: Any, given: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        os.dup2(2, 1)
        code = function(**given) or 0
    except KeyboardInterrupt:
        code = 130
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(code)
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _main(sys.argv[1])
