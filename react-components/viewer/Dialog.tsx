/** A sheet over the page: the browser's own dialog, which holds the focus, closes on Escape, and gives the focus back however it closes. */
import { useLayoutEffect, useRef, type ReactNode } from "react";

export function Dialog({ label, onClose, children }: { label: string; onClose(): void; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const sheet = dialog.current!;
    sheet.showModal();
    return () => sheet.close();
  }, []);
  return (
    <dialog ref={dialog} aria-label={label} onClose={() => dialog.current?.open || onClose()} onClick={(event) => event.target === dialog.current && dialog.current.close()}>
      <div>{children}</div>
    </dialog>
  );
}
