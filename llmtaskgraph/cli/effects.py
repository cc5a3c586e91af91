"""`ltg effects`: see `causes`."""

from .causes import command as command
