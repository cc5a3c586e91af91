/** The editor: CodeMirror 6, in a shadow root, so that its styles need no rule of the page's content security policy.
 *
 * CodeMirror ends every line with "\n" and splits at "\r" and "\r\n" as well; so line ends are kept apart and put back, and a text
 * that was not changed is given back byte for byte. Nothing of the page is imported here: it is a file of its own.
 */
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json, jsonParseLinter } from "@codemirror/lang-json";
import { HighlightStyle, bracketMatching, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { linter, lintGutter } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { EditorOptions, MountedEditor } from "./editor";

export { misfit } from "./schema";

const LONG_LINES = 250_000; // beyond, wrapping and colouring cost seconds a key

const colours = HighlightStyle.define([
  { tag: tags.string, color: "var(--ltg-json-string)" },
  { tag: tags.propertyName, color: "var(--ltg-json-key)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--ltg-json-number)" },
]);

const look = EditorView.theme({
  "&": { maxHeight: "min(420px, 50vh)", fontSize: "13px", backgroundColor: "var(--ltg-surface)", color: "var(--ltg-text)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { minHeight: "90px", fontFamily: "var(--ltg-mono)", lineHeight: "1.5" },
  ".cm-gutters": { backgroundColor: "var(--ltg-surface)", color: "var(--ltg-faint)", border: "none" },
  ".cm-content": { caretColor: "var(--ltg-text)" },
  ".cm-cursor": { borderLeftColor: "var(--ltg-text)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--ltg-hover)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--ltg-selected)" },
  ".cm-panels, .cm-tooltip": { backgroundColor: "var(--ltg-raised)", color: "var(--ltg-text)", borderColor: "var(--ltg-line)" },
  ".cm-specialChar": { color: "var(--ltg-failed)" },
});

/** Puts an editor into an element. */
export function mountEditor(parent: HTMLElement, options: EditorOptions): MountedEditor {
  const root = parent.shadowRoot ?? parent.attachShadow({ mode: "open" });
  root.replaceChildren();
  const host = root.appendChild(document.createElement("div"));
  let changed = false;
  const state = EditorState.create({
    doc: options.text,
    extensions: [
      keymap.of([
        { key: "Mod-s", run: () => (options.onApply(), true), preventDefault: true },
        { key: "Mod-Enter", run: () => (options.onApply(), true) },
        { key: "Escape", run: () => (options.onCancel(), true) },
      ]),
      EditorState.readOnly.of(options.readOnly ?? false),
      EditorView.contentAttributes.of({ "aria-label": options.label, spellcheck: "false" }),
      EditorView.updateListener.of((update) => {
        if (!update.docChanged) return;
        changed = true;
        options.onChange(text());
      }),
      ...basics(),
      ...(options.text.length < LONG_LINES ? [EditorView.lineWrapping, ...languageOf(options.language)] : []),
      look,
    ],
  });
  const view = new EditorView({ state, parent: host, root });
  const ending = options.text.includes("\r\n") ? "\r\n" : "\n";
  const text = (): string => (changed ? view.state.doc.toString().replaceAll("\n", ending) : options.text);
  return { text, focus: () => view.focus(), destroy: () => view.destroy() };
}

function basics(): Extension[] {
  return [
    lineNumbers(),
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    highlightActiveLine(),
    highlightSelectionMatches(),
    highlightSpecialChars({ addSpecialChars: /[\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g }),
    search({ top: true }),
    keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, indentWithTab]),
  ];
}

function languageOf(language: "text" | "json"): Extension[] {
  return language === "json" ? [json(), linter(jsonParseLinter()), lintGutter(), syntaxHighlighting(colours)] : [];
}
