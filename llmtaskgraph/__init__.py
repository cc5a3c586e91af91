"""llmtaskgraph: LLM programs as graphs of tasks, recorded, edited and resumed."""
