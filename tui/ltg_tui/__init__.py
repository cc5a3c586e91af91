"""ltg-tui: the terminal debugger for traces of llmtaskgraph."""
