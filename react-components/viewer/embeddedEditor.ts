/** The editor is a file of its own. In a page from disk it stands in the page as inert text; a server sends it when it is asked for. */
import type { EditorModule, LoadEditor, ServerSource } from "llmtaskgraph-react";

export function loadEmbeddedEditor(source: ServerSource | undefined): LoadEditor {
  let loaded: Promise<EditorModule> | undefined;
  return () => {
    loaded ??= load(source).catch((error: unknown) => {
      loaded = undefined; // the next editor tries again
      throw error;
    });
    return loaded;
  };
}

async function load(source: ServerSource | undefined): Promise<EditorModule> {
  const inPage = document.getElementById("ltg-editor")?.textContent ?? "";
  const text = inPage.trim() || (await source?.editorScript()) || "";
  if (text === "") throw new Error("this page holds no editor");
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  try {
    return (await import(/* @vite-ignore */ url)) as EditorModule;
  } finally {
    URL.revokeObjectURL(url);
  }
}
