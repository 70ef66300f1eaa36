import { useEffect, useState } from "preact/hooks";

import { type Category, type Product, shop, take } from "../api.js";
import { asFailure, type Failure } from "../failure.js";
import { useLoaded } from "../loaded.js";
import { Notice, Refused } from "../parts/notice.js";
import { ProductGrid, Waiting } from "../parts/product.js";
import { SearchBox } from "../parts/search.js";
import { go, linkTo } from "../route.js";
import { count } from "../words.js";

const orders = [
  ["", "In our order"],
  ["rating desc", "Best rated first"],
  ["price", "Cheapest first"],
  ["price desc", "Dearest first"],
  ["name", "By name"],
] as const;

const limits = [
  ["", "Any price"],
  ["25", "Up to €25"],
  ["50", "Up to €50"],
  ["100", "Up to €100"],
] as const;

// ShelfScreen lists the products of a shelf, or of all, as the query says.
export function ShelfScreen({ shelf, query }: { shelf: string; query: URLSearchParams }) {
  const chosen = Object.fromEntries(query);
  const shelves = useLoaded(() => take(shop.GET("/v1/categories")), []);
  const here = find(shelves.value ?? [], "categories/" + shelf);
  const change = (by: Record<string, string>) => go(linkTo(["shelves", shelf].filter(Boolean).join("/"), { ...chosen, ...by }));
  const { words = "", sort = "", under = "", stock = "" } = chosen;
  return (
    <>
      <header class="screen-title">
        <h1>{words ? `“${words}”` : shelf ? (here?.displayName ?? "…") : "Everything"}</h1>
        <p class="faint">{shelf ? (here?.description ?? " ") : "All shelves, from the kitchen to the attic."}</p>
      </header>
      <ShelfLinks shelves={shelves.value ?? []} shelf={shelf} />
      <div class="tools">
        <SearchBox key={words + shelf} words={words} shelf={shelf} />
        <Select label="Order" value={sort} options={orders} choose={(value) => change({ sort: value })} />
        <Select label="Price" value={under} options={limits} choose={(value) => change({ under: value })} />
        <label class="check">
          <input type="checkbox" checked={Boolean(stock)} onChange={(event) => change({ stock: event.currentTarget.checked ? "yes" : "" })} />
          In stock
        </label>
      </div>
      <Products key={shelf + query} shelf={shelf} words={words} sort={sort} under={under} stock={Boolean(stock)} />
    </>
  );
}

function find(shelves: Category[], name: string): Category | undefined {
  for (const shelf of shelves) {
    const found = shelf.name === name ? shelf : find(shelf.children, name);
    if (found) return found;
  }
  return undefined;
}

// ShelfLinks leads to the shelves, and to those within the one that is open.
function ShelfLinks({ shelves, shelf }: { shelves: Category[]; shelf: string }) {
  const [floor] = shelf.split("/");
  const within = shelves.find(({ name }) => name === "categories/" + floor)?.children ?? [];
  return (
    <nav class="shelf-links" aria-label="Shelves">
      <p>
        <a href="#/shelves" {...(!shelf && { "aria-current": "page" })}>
          Everything
        </a>
        {shelves.map((s) => (
          <ShelfLink key={s.name} shelf={s} current={s.name === "categories/" + floor} />
        ))}
      </p>
      {within.length > 0 && (
        <p class="within">
          {within.map((s) => (
            <ShelfLink key={s.name} shelf={s} current={s.name === "categories/" + shelf} />
          ))}
        </p>
      )}
    </nav>
  );
}

function ShelfLink({ shelf: { name, displayName }, current }: { shelf: Category; current: boolean }) {
  return (
    <a href={"#/" + name.replace("categories", "shelves")} {...(current && { "aria-current": "page" })}>
      {displayName}
    </a>
  );
}

interface SelectProps {
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
  choose: (value: string) => void;
}

function Select({ label, value, options, choose }: SelectProps) {
  return (
    <label class="select">
      <span class="hidden">{label}</span>
      <select value={value} onChange={(event) => choose(event.currentTarget.value)}>
        {options.map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

interface Wanted {
  shelf: string;
  words: string;
  sort: string;
  under: string;
  stock: boolean;
}

const pageSize = 24;

// Products loads page after page.
function Products(wanted: Wanted) {
  const [products, setProducts] = useState<Product[]>([]);
  const [page, setPage] = useState({ next: "", total: -1 });
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(true);
  const load = async (token: string) => {
    setBusy(true);
    setFailure(undefined);
    try {
      const { products: more, nextPageToken, totalSize } = await ask(wanted, token);
      setProducts((before) => (token ? [...before, ...more] : more));
      setPage({ next: nextPageToken, total: totalSize });
    } catch (thrown) {
      setFailure(asFailure(thrown));
    }
    setBusy(false);
  };
  useEffect(() => void load(""), []);

  if (failure && !products.length) return <Refused failure={failure} again={() => load("")} />;
  return (
    <section aria-label="Products" aria-busy={busy}>
      <p class="faint small" role="status">
        {page.total < 0 ? "Looking…" : count(page.total, "thing")}
      </p>
      {page.total < 0 && <Waiting products={8} />}
      {page.total === 0 && (
        <Notice icon="search" title="Nothing like that">
          <p>Try fewer words, or another shelf.</p>
        </Notice>
      )}
      <ProductGrid products={products} eager={8} />
      {failure && <Refused failure={failure} again={() => load(page.next)} />}
      {page.next && !failure && (
        <p class="more">
          <button type="button" class="button quiet" disabled={busy} onClick={() => load(page.next)}>
            Show more
          </button>
        </p>
      )}
    </section>
  );
}

function ask({ shelf, words, sort, under, stock }: Wanted, pageToken: string) {
  const named = words.split(/[\s"\\]+/).filter(Boolean);
  return take(
    shop.GET("/v1/products", {
      params: {
        query: {
          pageSize,
          ...(pageToken && { pageToken }),
          ...(shelf && { category: "categories/" + shelf }),
          ...(named.length && { filter: named.map((word) => `name : "${word}"`).join(" AND ") }),
          ...(sort && { orderBy: sort }),
          ...(under && { "price.max.units": under, "price.max.currencyCode": "EUR" }),
          ...(stock && { inStock: true }),
        },
      },
    }),
  );
}
