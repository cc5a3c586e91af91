/** llmtaskgraph-react: components for traces of llmtaskgraph. Everything public is named here. */
export type * from "./trace/types";
