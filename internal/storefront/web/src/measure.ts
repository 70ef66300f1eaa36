// Measures calls of the API over a mobile link that is simulated: a wait before each call, as a round trip takes.
import { asFailure } from "./failure.js";

export interface Span {
  name: string;
  begin: number; // milliseconds since the first call began
  end: number;
  bytes: number;
  failed: string; // why, or empty
}

export interface Measured {
  name: string;
  text: string;
  spans: Span[];
}

// One call to measure. It returns what it was answered.
export interface Step {
  name: string;
  call: () => Promise<unknown>;
}

// measure makes calls at once, or one after the other.
export async function measure(steps: Step[], atOnce: boolean, roundTrip: number): Promise<Span[]> {
  const origin = performance.now();
  const run = async ({ name, call }: Step): Promise<Span> => {
    const begin = performance.now() - origin;
    let bytes = 0;
    let failed = "";
    try {
      if (roundTrip) await new Promise((later) => setTimeout(later, roundTrip));
      bytes = JSON.stringify(await call()).length;
    } catch (thrown) {
      failed = asFailure(thrown).message;
    }
    return { name, begin, end: performance.now() - origin, bytes, failed };
  };
  if (atOnce) return Promise.all(steps.map(run));
  const spans: Span[] = [];
  for (const step of steps) spans.push(await run(step));
  return spans;
}
