/** The front door. */
import { expect, it } from "vitest";
import * as library from "../src/index";

it("offers just these names", () => {
  expect(Object.keys(library).sort()).toMatchInlineSnapshot(`
    [
      "BadPattern",
      "EditList",
      "EditRefused",
      "GraphView",
      "Links",
      "Pattern",
      "PlanView",
      "Refused",
      "RunComparison",
      "RunHeader",
      "RunTree",
      "RunView",
      "SearchBox",
      "SearchProvider",
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
      "searchStore",
      "serverBackend",
      "useSearch",
      "useSelection",
      "useTask",
      "useTrace",
      "visible",
      "visibleText",
      "withEdits",
    ]
  `);
});
