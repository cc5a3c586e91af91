/** A button, and React Flow: on a click as many nodes as the address says (`#10000,1`; 1: with their handles) stand in a grid; a click on one tells its id. */
import "@xyflow/react/dist/style.css";
import { createElement as h, useState } from "react";
import { createRoot } from "react-dom/client";
import { Position, ReactFlow } from "@xyflow/react";

const [COUNT, GIVEN] = location.hash.slice(1).split(",").map(Number);
const COLUMNS = Math.ceil(Math.sqrt(COUNT));

const SIZE = { width: 150, height: 40 };
const END = { y: 20, width: 1, height: 1 };
const HANDLES = [
  { ...END, type: "target", position: Position.Left, x: 0 },
  { ...END, type: "source", position: Position.Right, x: 150 },
];

// with sizes and handles given: without, React Flow draws all of them once to measure them, which takes several times as long
function grid() {
  return Array.from({ length: COUNT }, (_, i) => ({ id: `n${i}`, data: { label: `n${i}` }, position: { x: (i % COLUMNS) * 220, y: Math.floor(i / COLUMNS) * 80 }, ...SIZE, ...(GIVEN && { handles: HANDLES }) }));
}

function Page() {
  const [nodes, setNodes] = useState([]);
  const [clicked, setClicked] = useState("");
  const flow = h(ReactFlow, { nodes, edges: [], onlyRenderVisibleElements: true, onNodeClick: (_, node) => setClicked(node.id) });
  return [h("button", { key: "button", onClick: () => setNodes(grid()) }, "draw"), h("output", { key: "output" }, clicked), h("div", { key: "graph", className: "graph" }, flow)];
}

createRoot(document.getElementById("root")).render(h(Page));
