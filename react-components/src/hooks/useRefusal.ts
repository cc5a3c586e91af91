/** Why a request was refused: told until it is asked again, or the edits and runs are others. */
import { useCallback, useState } from "react";
import { useTrace } from "./TraceProvider";

export function useRefusal(): [string, (request: Promise<unknown>) => void] {
  const { store } = useTrace();
  const [refused, setRefused] = useState({ text: "", at: 0 });
  const ask = useCallback(
    (request: Promise<unknown>) => {
      request.then(
        () => setRefused({ text: "", at: 0 }),
        (error: Error) => setRefused({ text: error.message, at: store.editVersion }),
      );
    },
    [store],
  );
  return [refused.at === store.editVersion ? refused.text : "", ask];
}
