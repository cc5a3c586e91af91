/** A file dropped anywhere on the page, from the moment it is seen: else the browser would go away to the file. */
import { useLayoutEffect, useRef } from "react";

export function useDrop(onFile: ((file: File) => void) | undefined, onOver: (over: boolean) => void) {
  const given = useRef(onFile);
  useLayoutEffect(() => {
    given.current = onFile;
  });
  const wanted = onFile !== undefined;
  useLayoutEffect(() => {
    if (!wanted) return;
    const over = (event: DragEvent) => {
      event.preventDefault();
      onOver(true);
    };
    const leave = (event: DragEvent) => event.relatedTarget === null && onOver(false);
    const drop = (event: DragEvent) => {
      event.preventDefault();
      onOver(false);
      const file = event.dataTransfer?.files[0];
      if (file) given.current?.(file);
    };
    window.addEventListener("dragover", over);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragover", over);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
    };
  }, [wanted, onOver]);
}
