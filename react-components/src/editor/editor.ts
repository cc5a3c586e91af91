/** The text editor as a part that is loaded when it is first needed. What it is made of is known only to `codemirror.ts`. */

/** What an editor tells and is told. */
export interface EditorOptions {
  text: string;
  language: "text" | "json";
  label: string;
  readOnly?: boolean;
  onChange(text: string): void;
  /** Ctrl+S or Ctrl+Enter. */
  onApply(): void;
  /** Escape. */
  onCancel(): void;
}

export interface MountedEditor {
  /** The text as it is now, with the line ends it came with. */
  text(): string;
  focus(): void;
  destroy(): void;
}

export interface EditorModule {
  mountEditor(parent: HTMLElement, options: EditorOptions): MountedEditor;
  /** In what a JSON text does not fit a JSON Schema, in one line; empty where it fits. An editor without it checks no schemas. */
  misfit?(text: string, schema: string): string;
}

export type LoadEditor = () => Promise<EditorModule>;

export const loadCodeMirror: LoadEditor = () => import("./codemirror");
