"""Numbers as people read them, short enough for a column."""

from __future__ import annotations

import time


def seconds(value: float | None) -> str:
    """A duration: `0.4s`, `12s`, `3m20s`, `2h05m`."""
    if value is None:
        return ""
    if value < 9.95:
        return f"{max(value, 0.0):.1f}s"
    if value < 59.5:
        return f"{value:.0f}s"
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}m" if hours else f"{minutes}m{rest:02d}s"


def running(value: float) -> str:
    """How long something has been under way. In whole seconds: on a slow line each change has its price."""
    whole = max(0, int(value))
    return f"{whole}s" if whole < 60 else seconds(whole)


def dollars(value: float | None) -> str:
    """A cost; empty when unpriced."""
    if value is None:
        return ""
    if value == 0 or value >= 0.995:
        return f"${value:,.2f}"
    return f"${value:.4f}" if value >= 0.00005 else "<$.0001"


def short(number: int) -> str:
    """A count in at most five letters: `950`, `12.3k`, `4.1M`."""
    if number < 1000:
        return str(number)
    for size, letter in ((1e3, "k"), (1e6, "M"), (1e9, "G")):
        if number < size * 999.5:
            scaled = number / size
            return f"{scaled:.1f}{letter}" if scaled < 99.95 else f"{scaled:.0f}{letter}"
    return f"{number:.0e}"


def count(number: int, noun: str) -> str:
    """`1 task`, `4,000 tasks`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def clock(at: float | None) -> str:
    """A moment in local time."""
    return "" if at is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def letters(number: int) -> str:
    """The size of a text: `812 letters`, `1.2M letters`."""
    return f"{short(number)} letters"


def age(since: float) -> str:
    """How long ago, in at most four letters: `now`, `12s`, `5m`, `3h`, `2d`, `7w`, `3y`."""
    if since < 1:
        return "now"
    for size, letter, next_size in ((1, "s", 60), (60, "m", 3600), (3600, "h", 86400), (86400, "d", 604800 * 2)):
        if since < next_size:
            return f"{since // size:.0f}{letter}"
    return f"{since // 604800:.0f}w" if since < 2 * 31557600 else f"{since // 31557600:.0f}y"


def ago(at: float) -> str:
    """A moment as one remembers it: `12:40` today, else with its day."""
    then, now = time.localtime(at), time.localtime()
    return time.strftime("%H:%M" if then[:3] == now[:3] else "%Y-%m-%d %H:%M", then)
