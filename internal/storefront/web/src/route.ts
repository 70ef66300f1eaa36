// Where the page is: the part of its URL behind the hash, such as #/products/copper-saucepan.
import { Store } from "./store.js";

export interface Place {
  path: string[]; // ["products", "copper-saucepan"]
  query: URLSearchParams;
}

export const place = new Store<Place>(read());

addEventListener("hashchange", () => place.set(read()));

function read(): Place {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  return { path: path.split("/").filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(query) };
}

export function go(to: string): void {
  location.hash = to;
}

// linkTo spells a place. Empty values of the query are left out.
export function linkTo(path: string, query: Record<string, string | undefined> = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return "#/" + path + (given.length ? "?" + new URLSearchParams(given) : "");
}
