/** A value that a parent may hold: with `given` it does, else it is held here. `null` is a held "nothing". */
import { useCallback, useState } from "react";

export function useControlled<T>(
  given: T | null | undefined,
  initial: T | undefined,
  onChange: ((value: T) => void) | ((value: T | undefined) => void) | undefined,
): [T | undefined, (value: T | undefined) => void] {
  const [own, setOwn] = useState(initial);
  const change = useCallback(
    (value: T | undefined) => {
      if (given === undefined) setOwn(value);
      (onChange as ((value: T | undefined) => void) | undefined)?.(value);
    },
    [given, onChange],
  );
  return [given === undefined ? own : (given ?? undefined), change];
}
