import { useEffect, useState } from "preact/hooks";

import type { Failure } from "../failure.js";

// useCountdown counts the seconds down that a failure says one has to wait.
export function useCountdown(failure: Failure | undefined): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (!failure?.wait) return setLeft(0);
    const end = Date.now() + failure.wait * 1000;
    const tick = () => setLeft(Math.max(0, Math.ceil((end - Date.now()) / 1000)));
    tick();
    const timer = setInterval(tick, 250);
    return () => clearInterval(timer);
  }, [failure]);
  return left;
}
