// A hook for what a screen shows once it has come.
import { type Inputs, useEffect, useState } from "preact/hooks";

import { asFailure, type Failure } from "./failure.js";

export interface Loaded<T> {
  value?: T; // the last that came, also while the next is awaited
  failure?: Failure;
  busy: boolean;
  again: () => void;
}

// useLoaded loads again when one of the inputs changes. An answer that comes too late is dropped.
export function useLoaded<T>(load: () => Promise<T>, inputs: Inputs): Loaded<T> {
  const [attempt, setAttempt] = useState(0);
  const [result, setResult] = useState<Omit<Loaded<T>, "again">>({ busy: true });
  useEffect(() => {
    let late = false;
    setResult(({ value }) => (value === undefined ? { busy: true } : { busy: true, value }));
    load().then(
      (value) => late || setResult({ busy: false, value }),
      (thrown: unknown) => late || setResult({ busy: false, failure: asFailure(thrown) }),
    );
    return () => {
      late = true;
    };
  }, [...inputs, attempt]);
  return { ...result, again: () => setAttempt((n) => n + 1) };
}
