// Why a call failed, as the edge says it.
import type { components } from "../generated/public.js";

type Problem = components["schemas"]["Problem"];

export class Failure extends Error {
  constructor(
    readonly status: number, // 0 if there was no answer
    message: string,
    readonly fields: Record<string, string> = {}, // what is wrong with which: $.shipTo.city
    readonly headers = new Headers(),
  ) {
    super(message);
  }

  // How many seconds to wait before the next attempt.
  get wait(): number {
    return Number(this.headers.get("Retry-After")) || 0;
  }

  get requestId(): string {
    return this.headers.get("X-Request-Id") ?? "";
  }
}

// failureOf reads a problem of RFC 9457. What did not come from the edge has none.
export function failureOf(response: Response, problem: Partial<Problem> | undefined): Failure {
  const fields: Record<string, string> = {};
  for (const { field, detail } of problem?.errors ?? []) fields[field] ??= detail;
  return new Failure(
    response.status,
    problem?.detail ?? problem?.title ?? "There was no answer that can be understood.",
    fields,
    response.headers,
  );
}

// asFailure is for what a fetch throws: there was no answer, or it broke off.
export function asFailure(thrown: unknown): Failure {
  return thrown instanceof Failure ? thrown : new Failure(0, "The shop can not be reached.");
}
