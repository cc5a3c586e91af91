/** A sheet over the page: the browser's own dialog, which holds the focus and closes on Escape. */
import { useEffect, useRef, type ReactNode } from "react";

export function Dialog({ label, onClose, children }: { label: string; onClose(): void; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} aria-label={label} onClose={onClose} onClick={(event) => event.target === dialog.current && dialog.current.close()}>
      <div>{children}</div>
    </dialog>
  );
}
