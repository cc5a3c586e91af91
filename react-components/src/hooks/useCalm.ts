/** A value that changes often, seen now and then: for what takes longer to draw than there is time between two changes. */
import { useEffect, useRef, useState } from "react";

/** @param wait milliseconds from one change that is passed on to the next; one after a rest is passed on at once. */
export function useCalm<T>(value: T, wait: number): T {
  const [calm, setCalm] = useState(value);
  const changed = useRef(-Infinity);
  useEffect(() => {
    if (calm === value) return;
    const pass = () => {
      changed.current = performance.now();
      setCalm(value);
    };
    const timer = setTimeout(pass, Math.max(0, changed.current + wait - performance.now()));
    return () => clearTimeout(timer);
  }, [calm, value, wait]);
  return calm;
}
