/** Why a task or an attempt failed: the message, then the user's own frames. */
import { visible, visibleText } from "../trace/format";
import type { Failure } from "../trace/types";

export function FailureView({ failure }: { failure: Failure }) {
  return (
    <section className="ltg-failure" aria-label="error">
      <p>
        <strong>{visible(failure.type)}</strong>
        {failure.stage != null && <span className="ltg-faint"> while making the {failure.stage}</span>}
        {failure.fault != null && <span className="ltg-faint"> ({visible(failure.fault)})</span>}
      </p>
      <pre>{visibleText(failure.message)}</pre>
      {failure.frames && failure.frames.length > 0 && (
        <ol className="ltg-frames">
          {failure.frames.map((frame, index) => (
            <li key={index}>
              {visible(frame.file)}:{frame.line} <span className="ltg-faint">in {visible(frame.function)}</span>
              {frame.code && <pre>{visible(frame.code)}</pre>}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
