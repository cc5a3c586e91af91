/** A part of the detail of a task, under its name. */
import type { ReactNode } from "react";

export function Section({ name, aside, dim, children }: { name: string; aside?: ReactNode; dim?: boolean; children: ReactNode }) {
  return (
    <section className={`ltg-section ${dim ? "ltg-old" : ""}`} aria-label={name}>
      <h3>
        {name} <span className="ltg-faint">{aside}</span>
        {dim && <span className="ltg-stale"> ⟳ as it was</span>}
      </h3>
      {children}
    </section>
  );
}
