// The shop's API, by a client whose types are made of its OpenAPI document.
import createClient, { type Client } from "openapi-fetch";

import type { components as partner } from "../generated/partner.js";
import type { components, paths } from "../generated/public.js";
import { asFailure, failureOf } from "./failure.js";
import { session, type Session } from "./session.js";
import { Store } from "./store.js";

type Schemas = components["schemas"];
export type Cart = Schemas["Cart"];
export type Category = Schemas["Category"];
export type ChatRequest = Schemas["ChatRequest"];
export type ChatResponse = Schemas["ChatResponse"];
export type Home = Schemas["Home"];
export type Money = Schemas["Money"];
export type Order = Schemas["Order"];
export type OrderChange = Schemas["OrderChange"];
export type Promotion = Schemas["Promotion"];

// A product, with what only partners and the shop's own people get.
export type Product = Schemas["Product"] & Pick<partner["schemas"]["Product"], "wholesalePrice">;

// A customer, with what only the shop's own people get: no published document has that.
export type Profile = Schemas["Profile"] & { passwordHash?: string; fraudScore?: number; debugInfo?: object };

// A call that was made, as the foot of the page lists it.
export interface Call {
  number: number;
  method: string;
  path: string;
  status: number; // 0 if there was no answer
  milliseconds: number;
}

export const calls = new Store<Call[]>([]);
const remembered = 30;
let made = 0;

// shop asks as whoever is signed in.
export const shop = clientOf(() => session.value);

// clientOf makes a client that asks as somebody.
export function clientOf(who: () => Session): Client<paths> {
  const send = async (request: Request): Promise<Response> => {
    const { token } = who();
    if (token) request.headers.set("Authorization", `Bearer ${token}`);
    const begun = performance.now();
    let status = 0;
    try {
      const response = await fetch(request, { cache: "no-store" }); // what was answered to one caller is not for the next
      status = response.status;
      return response;
    } finally {
      note(request, status, performance.now() - begun);
    }
  };
  return createClient<paths>({ fetch: send, headers: { Accept: "application/problem+json, application/json;q=0.9" } });
}

function note({ method, url }: Request, status: number, milliseconds: number): void {
  const { pathname, search } = new URL(url);
  made++;
  calls.set([{ number: made, method, path: pathname + search, status, milliseconds }, ...calls.value].slice(0, remembered));
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

// take returns what a call answers, or throws a Failure.
export async function take<T>(answer: Promise<Answer<T>>): Promise<T> {
  return (await takeWhole(answer)).data;
}

// takeWhole is take for those who read the headers, too.
export async function takeWhole<T>(answer: Promise<Answer<T>>): Promise<{ data: T; response: Response }> {
  const { data, error, response } = await answer.catch((thrown: unknown) => {
    throw asFailure(thrown);
  });
  if (data === undefined) throw failureOf(response, error as Schemas["Problem"] | undefined);
  return { data, response };
}

// pictureOf is the URL of a product's picture.
export function pictureOf(id: string): string {
  return `/v1/products/${encodeURIComponent(id)}/images/main`;
}
