"""The server for the optional viewer in a browser, and the file that a trace is exported to. `docs/web.md` has the protocol.

    Follower -> feed (what the page is sent) -> hub (one for all who watch) -> app (routes) -> guard (who may ask) -> browser

Nothing here is imported before `ltg web` or `ltg export` needs it.
"""
