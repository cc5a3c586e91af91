/** The viewer: finds the trace, or asks for one, and shows it. */
import { useCallback, useEffect, useState } from "react";
import { Desk } from "./Desk";
import { DropScreen } from "./DropScreen";
import { embedded, openFile, openServer, serverHere, type Opened } from "./opened";

type Stand = { opened: Opened } | { problem: string } | "reading" | "nothing";

export function App() {
  const [source] = useState(serverHere);
  const [stand, setStand] = useState<Stand>(() => (source ? "reading" : fromThisFile()));
  const read = useCallback((reading: Promise<Opened>) => {
    reading.then(
      (opened) => setStand({ opened }),
      (error: Error) => setStand({ problem: error.message }),
    );
  }, []);
  useEffect(() => {
    if (source) read(openServer(source));
  }, [source, read]);
  const onFile = (file: File) => {
    setStand("reading");
    read(openFile(file));
  };
  const onReset = useCallback(() => source && read(openServer(source)), [source, read]);

  if (typeof stand === "object" && "opened" in stand) {
    const { opened } = stand;
    return <Desk key={opened.name} opened={opened} onReset={onReset} onFile={source ? undefined : onFile} />;
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

function fromThisFile(): Stand {
  try {
    const opened = embedded();
    return opened ? { opened } : "nothing";
  } catch (error) {
    return { problem: (error as Error).message };
  }
}
