"""The commands, and the help that lists them. Imports nothing, so that `ltg --help` is there at once."""

from __future__ import annotations

COMMANDS = {
    "run": "run a program and record it in a trace",
    "show": "show a run, a task of it, or one value",
    "edit": "put a value of your own into a stage of a task, or take it back",
    "plan": "what a resume would run, why, and what it would cost",
    "resume": "run again what the edits and the code changed, and nothing else",
    "causes": "what a task depends on",
    "effects": "what depends on a task",
    "check": "whether a trace is whole; changes nothing",
    "web": "look at a trace in the browser, and follow it there",
    "export": "a trace and its viewer as one HTML file",
    "demo": "run a bundled example, without a key",
}

EPILOG = """\
Tasks are named by their id, such as 'main/judge[style]', by the end of it ('judge[style]'), or with wildcards ('*judge*').
Exit codes: 0 ok, 1 the run failed, 2 usage, 3 the environment or a file, 130 interrupted.
"""


_ALL = """\
`ltg COMMAND --help` tells more, `ltg --version` the version.
All commands take --json (JSON on stdout) and --debug (tracebacks).
"""


def help_text() -> str:
    """What `ltg --help` says."""
    lines = [f"  {name:<8} {text}" for name, text in COMMANDS.items()]
    head = "usage: ltg COMMAND ... [--json] [--debug]\n\nThe debugger for people who write LLM programs.\n"
    return "\n".join([head, *lines, "", _ALL, EPILOG.rstrip()])
