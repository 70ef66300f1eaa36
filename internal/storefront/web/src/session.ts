// Who asks. The demo's issuer gives a token to anybody who says a caller's name.
import { Failure } from "./failure.js";
import { Store } from "./store.js";

export interface Caller {
  name: string;
  says: string;
}

export interface Session {
  caller: Caller | undefined; // nobody is signed in without one
  subject: string; // the token's: c-1001; empty without one
  token: string;
}

const nobody: Session = { caller: undefined, subject: "", token: "" };
const kept = "caller"; // the key under which the tab remembers

export const callers: Caller[] = JSON.parse(document.getElementById("callers")?.textContent ?? "[]");
export const session = new Store<Session>(nobody);

// The customer whom the page asks about when the caller is none.
export const mira = "c-1001";

export async function signIn(caller: Caller): Promise<void> {
  session.set(await sessionOf(caller));
  sessionStorage.setItem(kept, caller.name);
}

export function signOut(): void {
  session.set(nobody);
  sessionStorage.removeItem(kept);
}

// restore signs the caller in again who was signed in before the page was loaded.
export async function restore(): Promise<void> {
  const caller = callers.find(({ name }) => name === sessionStorage.getItem(kept));
  if (!caller) return;
  try {
    await signIn(caller);
  } catch {
    signOut(); // the page says so, and offers to sign in
  }
}

// sessionOf gets a token for a caller.
export async function sessionOf(caller: Caller | undefined): Promise<Session> {
  if (!caller) return nobody;
  const response = await fetch(`/storefront/session/${caller.name}`);
  if (!response.ok) throw new Failure(response.status, "Nobody gives out tokens at the moment.");
  const { token }: { token: string } = await response.json();
  return { caller, token, subject: subjectOf(token) };
}

function subjectOf(token: string): string {
  const payload = token.split(".")[1] ?? "";
  const { sub }: { sub: string } = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
  return sub;
}
