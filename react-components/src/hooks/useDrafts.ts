/** The texts that a person typed and did not apply. */
import { useCallback, useEffect, useSyncExternalStore } from "react";
import type { Drafts, Unapplied } from "../trace/drafts";

export function useDrafts(drafts: Drafts): readonly Unapplied[] {
  return useSyncExternalStore(
    useCallback((changed: () => void) => drafts.subscribe(changed), [drafts]),
    () => drafts.all,
  );
}

/** Typed text is not lost by closing the page by accident. */
export function useWarning(drafts: Drafts): void {
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => drafts.all.length > 0 && event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [drafts]);
}
