"""Where the web viewer is, and the way there from another machine."""

from __future__ import annotations

from collections.abc import Callable

from .. import actions
from ..io.clipboard import copy
from ..io.server import Address
from ..model.flow import Block
from ..widgets.bindings import bindings
from .sheet import ReadSheet


class WebSheet(ReadSheet):
    """The address of a page, and the line that forwards its port: to be read, or copied."""

    BINDINGS = bindings("web")

    def __init__(self, address: Address, end: Callable[[], None]) -> None:
        opened = "It was opened in your browser." if address.opened else "Open this address in a browser:"
        ends = f"It ends with ltg-tui, or by {actions.key('end', 'web')} here."
        blocks = [
            Block(opened, "heading"),
            Block(address.url),
            Block("\nFrom another machine: run this there first, then open the address there.", "heading"),
            Block(address.forward),
            Block(f"\nThe page follows the trace, and cannot edit or run anything. {ends}", "dim"),
        ]
        super().__init__("the trace in a browser", blocks)
        self.place = "web"
        self._address, self._end = address, end

    def action_copy(self) -> None:
        """Copy the address."""
        self._copy("the address", self._address.url)

    def action_copy_forward(self) -> None:
        """Copy the line that forwards the port."""
        self._copy("the ssh line", self._address.forward)

    def _copy(self, what: str, text: str) -> None:
        driver = self.app._driver
        way = copy(text, driver.write if driver is not None else lambda data: None)
        self.say(f"copied {what}, {way}")

    def action_end(self) -> None:
        """End the server."""
        self._end()
        self.dismiss(None)
