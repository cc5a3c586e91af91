/** Values as people read them: messages by role, text as it is, JSON in colours. All of it is text: nothing is markup. */
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { decodeMessage, decodeMessages, jsonText, prettyJson } from "../trace/decode";
import { visible, visibleText } from "../trace/format";
import { useMarking } from "../hooks/SearchProvider";
import type { Message, RawJson, Stage } from "../trace/types";
import { isBeyond } from "./useHighlights";

/** So many characters are put on the page at first; the rest on demand. */
const SHOWN = 20_000;

export interface TextViewProps {
  text: string;
  className?: string;
  /** Keeps its end in sight while it grows. */
  follow?: boolean;
  colour?: (text: string) => ReactNode;
}

export function TextView({ text, className = "", follow = false, colour }: TextViewProps) {
  const [whole, setWhole] = useState(false);
  const pattern = useMarking()?.pattern;
  const beyond = useMemo(() => isBeyond(pattern, text, SHOWN), [pattern, text]);
  const box = useRef<HTMLPreElement>(null);
  useEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text, follow]);
  if (text === "") return <p className="ltg-faint">(empty)</p>;
  const cut = !whole && !beyond && text.length > SHOWN;
  const shown = visibleText(cut ? (follow ? text.slice(-SHOWN) : text.slice(0, SHOWN)) : text);
  return (
    <>
      <pre ref={box} className={`ltg-text ${className}`} tabIndex={0}>
        {colour ? colour(shown) : shown}
      </pre>
      {cut && (
        <button type="button" className="ltg-small" onClick={() => setWhole(true)}>
          show all {text.length.toLocaleString("en")} characters
        </button>
      )}
    </>
  );
}

/** A JSON value; a string as the text that it is. */
export function ValueView({ value }: { value: RawJson }) {
  const text = useMemo(() => jsonText(value), [value]);
  const pretty = useMemo(() => (text === undefined ? prettyJson(value) : ""), [value, text]);
  return text !== undefined ? <TextView text={text} /> : <TextView text={pretty} className="ltg-json" colour={coloured} />;
}

/** The value of a `prompt` or `response` stage. */
export function MessagesView({ stage }: { stage: Stage }) {
  const messages = useMemo(() => {
    if (stage.value === undefined) return undefined;
    const one = decodeMessage(stage.value);
    return one ? [one] : decodeMessages(stage.value);
  }, [stage.value]);
  if (stage.value === undefined) return null;
  if (!messages) return <ValueView value={stage.value} />;
  return (
    <ol className="ltg-messages">
      {messages.map((message, index) => (
        <li key={index} className={`ltg-message ltg-role-${message.role}`}>
          <p className="ltg-role">
            {message.role}
            {message.finish_reason != null && message.finish_reason !== "stop" && <span className="ltg-is-blocked"> ended by: {visible(message.finish_reason)}</span>}
          </p>
          {message.parts.map((part, at) => (
            <PartView key={at} part={part} />
          ))}
        </li>
      ))}
    </ol>
  );
}

function PartView({ part }: { part: Message["parts"][number] }) {
  switch (part.type) {
    case "text": {
      const json = part.content.length < 200_000 ? asJson(part.content) : undefined;
      return json === undefined ? <TextView text={part.content} /> : <TextView text={json} className="ltg-json" colour={coloured} />;
    }
    case "reasoning":
      return (
        <details className="ltg-reasoning">
          <summary>reasoning, {part.content.length.toLocaleString("en")} characters</summary>
          <TextView text={part.content} />
        </details>
      );
    case "blob":
      return <Blob mimeType={part.mime_type} content={part.content} name={part.name ?? part.modality} />;
    case "uri": // an address from a trace is never opened by itself
      return <p className="ltg-faint">{part.modality} at {visible(part.uri)}</p>;
    case "tool_call":
      return (
        <div>
          <p>calls <strong>{visible(part.name)}</strong> <span className="ltg-faint">{visible(part.id)}</span></p>
          {part.arguments !== undefined && <ValueView value={part.arguments} />}
        </div>
      );
    case "tool_call_response":
      return (
        <div>
          <p>answer to <span className="ltg-faint">{visible(part.id)}</span></p>
          {part.response !== undefined && <ValueView value={part.response} />}
        </div>
      );
  }
}

const IMAGES = /^image\/(png|jpeg|gif|webp)$/; // no SVG: that is a program

function Blob({ mimeType, content, name }: { mimeType: string; content: string; name: string }) {
  if (IMAGES.test(mimeType) && /^[A-Za-z0-9+/=\s]*$/.test(content)) return <img className="ltg-image" alt={visible(name)} src={`data:${mimeType};base64,${content}`} />;
  return <p className="ltg-faint">{visible(name)}, {visible(mimeType)}, about {Math.round((content.length * 3) / 4).toLocaleString("en")} bytes</p>;
}

/** What a model answered as JSON, laid out; undefined where it is none. */
function asJson(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    JSON.parse(text);
    return prettyJson(text as RawJson);
  } catch {
    return undefined;
  }
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d[\d.eE+-]*/g;

/** JSON text in colours. Long texts stay plain: thousands of elements would make the page slow. */
export function coloured(text: string): ReactNode {
  if (text.length > SHOWN) return text;
  const parts: ReactNode[] = [];
  let at = 0;
  for (const found of text.matchAll(TOKEN)) {
    const [all, string, colon] = found;
    const kind = string === undefined ? "number" : colon === undefined ? "string" : "key";
    const token = string ?? all;
    parts.push(text.slice(at, found.index), <span key={found.index} className={`ltg-json-${kind}`}>{token}</span>);
    at = found.index + token.length;
  }
  parts.push(text.slice(at));
  return parts;
}
