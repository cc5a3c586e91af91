// @vitest-environment jsdom
import "./setup";
import { act, fireEvent, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { RunHeader, TaskTree } from "../../src/index";
import { show, storeOf } from "./shown";

const rows = () => screen.getAllByRole("treeitem").map((row) => row.querySelector(".ltg-name")!.textContent);

it("shows each task with its place in the tree and its status", () => {
  show(<TaskTree />);
  expect(rows()).toEqual(["main", "judge[style]", "judge[facts]", "join"]);
  const failed = screen.getAllByRole("treeitem")[2]!;
  expect(failed.getAttribute("aria-level")).toBe("2");
  expect(failed.getAttribute("aria-posinset")).toBe("2");
  expect(failed.querySelector("[role=img]")!.getAttribute("aria-label")).toBe("failed");
});

it("closes a graph and says what is inside of it", () => {
  show(<TaskTree />, { defaultSelected: "main" });
  fireEvent.keyDown(screen.getByRole("tree"), { key: "ArrowLeft" });
  expect(rows()).toEqual(["main"]);
  expect(screen.getByRole("treeitem").textContent).toContain("3 inside  ✖1");
});

it("moves the selection by keys, and tells a parent that holds it", () => {
  const onSelect = vi.fn();
  show(<TaskTree />, { selected: "main/judge[style]", onSelect });
  fireEvent.keyDown(screen.getByRole("tree"), { key: "ArrowDown" });
  fireEvent.keyDown(screen.getByRole("tree"), { key: "End" });
  fireEvent.keyDown(screen.getByRole("tree"), { key: "ArrowLeft" });
  expect(onSelect.mock.calls.map(([id]) => id as string)).toEqual(["main/judge[facts]", "main/join", "main"]);
});

it("narrows to what is called so, within what it is inside of", () => {
  const { unmount } = show(<TaskTree filter="facts" />);
  expect(rows()).toEqual(["main", "judge[facts]"]);
  unmount();
  show(<TaskTree filter="FACTS" />); // large letters are meant
  expect(screen.getByText("No task is called so.")).toBeTruthy();
  expect(screen.queryAllByRole("treeitem")).toHaveLength(0);
});

it("shows a task that is selected elsewhere, whatever is closed around it", () => {
  show(<TaskTree />, { defaultSelected: "main/join" });
  expect(screen.getByRole("treeitem", { selected: true }).textContent).toContain("join");
});

it("follows what happens to the trace", () => {
  const { store } = show(
    <>
      <RunHeader />
      <TaskTree />
    </>,
    { trace: storeOf() },
  );
  act(() => store.apply({ sequence: 10, task_runs: [{ id: 4, run: 1, task: "main/join", status: "running", started: 1004 }] }));
  expect(screen.getAllByRole("treeitem")[3]!.querySelector("[role=img]")!.getAttribute("aria-label")).toBe("running");
  expect(screen.getByRole("button", { name: /◐ 1/ })).toBeTruthy();
});

it("says so where there is no run", () => {
  show(<TaskTree />, { trace: storeOf({ tasks: [], runs: [], task_runs: [] }) });
  expect(screen.getByText("There is no run yet.")).toBeTruthy();
});

it("tells that a task is wanted to be read by a click or Enter, not by moving on", () => {
  const onOpen = vi.fn();
  show(<TaskTree onOpen={onOpen} />, { defaultSelected: "main" });
  const tree = screen.getByRole("tree");
  fireEvent.keyDown(tree, { key: "ArrowDown" });
  expect(screen.getByRole("treeitem", { selected: true }).id).toBe(tree.getAttribute("aria-activedescendant"));
  expect(onOpen).not.toHaveBeenCalled();
  fireEvent.keyDown(tree, { key: "Enter" });
  expect(onOpen).toHaveBeenLastCalledWith("main/judge[style]");
  fireEvent.click(screen.getByTitle("main/join"));
  expect(onOpen).toHaveBeenLastCalledWith("main/join");
});
