/** The front door. */
import { expect, it } from "vitest";
import * as library from "../src/index";

it("offers just these names", () => {
  expect(Object.keys(library).sort()).toMatchInlineSnapshot(`
    [
      "EditList",
      "EditRefused",
      "GraphView",
      "Links",
      "PlanView",
      "Refused",
      "RunComparison",
      "RunHeader",
      "RunTree",
      "RunView",
      "ServerSource",
      "StageEditor",
      "StatusGlyph",
      "TaskDetail",
      "TaskTree",
      "Timeline",
      "TraceError",
      "TraceProvider",
      "TraceStore",
      "applied",
      "compareRuns",
      "decodeTrace",
      "diffWords",
      "draftOf",
      "editable",
      "localBackend",
      "makeAgain",
      "makeEdit",
      "makeRevert",
      "mayRunAgain",
      "nextOf",
      "serverBackend",
      "useSelection",
      "useTask",
      "useTrace",
      "visible",
      "visibleText",
      "whyOf",
      "withEdits",
    ]
  `);
});
