/** The viewer: finds the trace, or asks for one, and shows it. */
import { useCallback, useEffect, useRef, useState } from "react";
import { Desk } from "./Desk";
import { DropScreen } from "./DropScreen";
import { embedded, openFile, openServer, serverHere, type Opened } from "./opened";
import { mayDrop } from "./unsaved";
import { forgetPlace } from "./useHash";

type Stand = { opened: Opened; problem?: string } | { problem: string } | "reading" | "nothing";

export function App() {
  const [source] = useState(serverHere);
  const [stand, setStand] = useState<Stand>(() => (source ? "reading" : fromThisFile()));
  const open = useRef(isOpen(stand) ? stand.opened : undefined);
  const read = useCallback((reading: Promise<Opened>) => {
    reading.then(
      (opened) => {
        if (open.current && open.current.key !== opened.key) forgetPlace();
        open.current = opened;
        setStand({ opened });
      },
      (error: Error) => setStand((before) => ({ ...(isOpen(before) && before), problem: error.message })), // what is open stays open
    );
  }, []);
  useEffect(() => {
    if (source) read(openServer(source));
  }, [source, read]);
  const onFile = (file: File) => {
    setStand((before) => (isOpen(before) ? { opened: before.opened } : "reading"));
    read(openFile(file));
  };
  const reading = useRef(false);
  const onReset = useCallback(() => {
    if (!source || reading.current) return; // what is told of meanwhile is told again
    reading.current = true;
    read(openServer(source).finally(() => (reading.current = false)));
  }, [source, read]);

  if (isOpen(stand)) {
    const { opened, problem } = stand;
    const another = (file: File) => mayDrop(opened) && onFile(file);
    return <Desk key={opened.key} opened={opened} problem={problem} onReset={onReset} onFile={source ? undefined : another} />;
  }
  return (
    <DropScreen
      reading={stand === "reading"}
      problem={typeof stand === "object" ? stand.problem : ""}
      onFile={source ? undefined : onFile}
      onAgain={source ? onReset : undefined}
    />
  );
}

function isOpen(stand: Stand): stand is { opened: Opened; problem?: string } {
  return typeof stand === "object" && "opened" in stand;
}

function fromThisFile(): Stand {
  try {
    const opened = embedded();
    return opened ? { opened } : "nothing";
  } catch (error) {
    return { problem: (error as Error).message };
  }
}
