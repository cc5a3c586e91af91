"""The fingerprint of code: changes when a function, or anything of the project that it refers to, does something else.

It decides which recorded results a resume takes over, so both errors cost: a change that is missed makes wrong results,
one that is none makes work and paid calls again. The idea: a function refers to other functions, classes and constants by
name. Each is a node, with a text of its own (from its source, without comments, docstrings and layout) and named edges.
The fingerprint is that of the graph reached from the function, by structure alone: no module names, no addresses, no
order. `docs/fingerprints.md` says what counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import blake2b
from types import MappingProxyType

from ._modules import modules_at_start
from ._walk import Declaration, Declared, mentions, walk

__all__ = ["Declaration", "fingerprint"]


def _undeclared(_: object) -> Declaration | None:
    return None


def fingerprint(
    function: Callable[..., object],
    declared: Declared = _undeclared,
    behind: Mapping[str, Callable[[], str]] = MappingProxyType({}),
) -> str:
    """The identity of a function's code: 32 hexadecimal digits.

    It is computed anew each time, from what is loaded now. Take it before the program's functions run: data that was
    loaded at import is read at first sight.

    Args:
        function: a function, class, bound method, partial or callable instance.
        declared: tells of an object that is not to be entered as it is, such as a registered function; None for others.
        behind: name of an attribute -> a text that counts, too, if an attribute of that name is read.
    """
    modules_at_start()
    try:
        nodes = walk(function, declared)
        texts = [text() for name, text in sorted(behind.items()) if mentions(nodes, name)]
        return _hash(_digest(nodes), *texts) if texts else _digest(nodes)
    except Exception:
        return _hash("unreadable")


def _hash(*texts: str) -> str:
    state = blake2b(digest_size=16)
    for text in texts:
        data = text.encode("utf-8", "surrogatepass")
        state.update(b"%d:" % len(data) + data)
    return state.hexdigest()


def _digest(nodes: list[tuple[str, dict[str, int]]]) -> str:
    """The digest of a graph from its first node, the same for graphs between which no walk along the edges tells a difference.

    Nodes are told apart by their texts, then by the nodes that they lead to, until no more are told apart. So a file that was
    imported twice, under two names, counts as one.
    """
    own = [_hash(text) for text, _ in nodes]
    colours, before, kinds = own, 0, len(set(own))
    while before < kinds:
        colours = [_hash(own[i], *(f"{name}>{colours[to]}" for name, to in edges.items())) for i, (_, edges) in enumerate(nodes)]
        before, kinds = kinds, len(set(colours))
    return _hash(colours[0], *sorted(set(colours)))
