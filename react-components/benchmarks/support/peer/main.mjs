/** A button, and React Flow: on a click as many nodes as the address says (`#10000`) stand in a grid; a click on one tells its id. */
import "@xyflow/react/dist/style.css";
import { createElement as h, useState } from "react";
import { createRoot } from "react-dom/client";
import { ReactFlow } from "@xyflow/react";

const COUNT = Number(location.hash.slice(1));
const COLUMNS = Math.ceil(Math.sqrt(COUNT));

function grid() {
  // the sizes are given: without, React Flow draws all of them once to measure them, which takes seconds
  return Array.from({ length: COUNT }, (_, i) => ({ id: `n${i}`, data: { label: `n${i}` }, position: { x: (i % COLUMNS) * 220, y: Math.floor(i / COLUMNS) * 80 }, width: 150, height: 40 }));
}

function Page() {
  const [nodes, setNodes] = useState([]);
  const [clicked, setClicked] = useState("");
  const flow = h(ReactFlow, { nodes, edges: [], onlyRenderVisibleElements: true, onNodeClick: (_, node) => setClicked(node.id) });
  return [h("button", { key: "button", onClick: () => setNodes(grid()) }, "draw"), h("output", { key: "output" }, clicked), h("div", { key: "graph", className: "graph" }, flow)];
}

createRoot(document.getElementById("root")).render(h(Page));
