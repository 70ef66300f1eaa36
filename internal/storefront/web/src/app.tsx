// The page: its head, the screen that the URL names, and its foot.
import { render } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { calls } from "./api.js";
import { cart, loadCart } from "./cart.js";
import { Icon, type IconName } from "./parts/icon.js";
import { Notice } from "./parts/notice.js";
import { askToSignIn, SignIn } from "./parts/signin.js";
import { Toast } from "./parts/toast.js";
import { type Place, place } from "./route.js";
import { AccountScreen } from "./screens/account.js";
import { CartScreen } from "./screens/cart.js";
import { CheckoutScreen } from "./screens/checkout.js";
import { CompareScreen } from "./screens/compare.js";
import { FrontScreen } from "./screens/front.js";
import { OffersScreen } from "./screens/offers.js";
import { OrderScreen } from "./screens/order.js";
import { OrdersScreen } from "./screens/orders.js";
import { ProductScreen } from "./screens/product.js";
import { ShelfScreen } from "./screens/shelf.js";
import { SupportScreen } from "./screens/support.js";
import { restore, session } from "./session.js";
import { capital, count } from "./words.js";

function Screen({ at: { path, query } }: { at: Place }) {
  const [name = "", id = "", below = ""] = path;
  switch (name) {
    case "":
      return <FrontScreen />;
    case "shelves":
      return <ShelfScreen shelf={[id, below].filter(Boolean).join("/")} query={query} />;
    case "products":
      return <ProductScreen key={id} id={id} />;
    case "cart":
      return <CartScreen />;
    case "checkout":
      return <CheckoutScreen />;
    case "orders":
      return id ? <OrderScreen key={id} id={id} /> : <OrdersScreen />;
    case "offers":
      return <OffersScreen />;
    case "support":
      return <SupportScreen />;
    case "account":
      return <AccountScreen />;
    case "compare":
      return <CompareScreen />;
    default:
      return (
        <Notice icon="nothing" title="There is no such page">
          <p>
            <a href="#/">Back to the shop</a>
          </p>
        </Notice>
      );
  }
}

function App() {
  const at = place.use();
  const { caller } = session.use();
  const main = useRef<HTMLElement>(null);
  const where = at.path.join("/");
  useArrival(main, where);
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        Skip to the content
      </a>
      <Head where={at.path[0] ?? ""} />
      <main ref={main} id="main" tabIndex={-1}>
        <Screen key={caller?.name ?? ""} at={at} />
      </main>
      <Foot />
      <SignIn />
      <Toast />
    </>
  );
}

// useArrival takes the reader to the top of a new screen, but leaves the first one as the browser shows it.
function useArrival(main: { current: HTMLElement | null }, where: string): void {
  const before = useRef(where);
  useEffect(() => {
    document.title = titleOf(where);
    if (before.current === where) return;
    before.current = where;
    scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [where]);
}

function titleOf(where: string): string {
  const last = where.split("/").pop() ?? "";
  return last ? `${capital(last.replaceAll("-", " "))} · Sample shop` : "Sample shop";
}

const places: { name: string; label: string; icon: IconName }[] = [
  { name: "shelves", label: "Shelves", icon: "box" },
  { name: "offers", label: "Offers", icon: "receipt" },
  { name: "orders", label: "Orders", icon: "van" },
  { name: "support", label: "Support", icon: "send" },
  { name: "compare", label: "One call", icon: "house" },
];

function Head({ where }: { where: string }) {
  const { caller } = session.use();
  const pieces = cart.use().value?.pieceCount ?? 0;
  const current = (name: string) => (name === where ? { "aria-current": "page" as const } : {});
  return (
    <header class="head">
      <div class="wide">
        <a class="brand" href="#/" aria-label="Sample shop: the front page">
          <Icon name="bag" />
          Sample shop
        </a>
        <nav aria-label="Main">
          {places.map(({ name, label, icon }) => (
            <a key={name} href={"#/" + name} {...current(name)}>
              <Icon name={icon} />
              {label}
            </a>
          ))}
          <a class="docs" href="/docs">
            API
          </a>
        </nav>
        <div class="own">
          <button type="button" class="who" onClick={() => askToSignIn()} aria-label={`Signed in as ${caller?.name ?? "nobody"}. Change`}>
            <Icon name="person" />
            <span>{caller ? capital(caller.name) : "Sign in"}</span>
          </button>
          <a class="basket" href="#/cart" {...current("cart")} aria-label={pieces ? `Cart, ${pieces} in it` : "Cart, empty"}>
            <Icon name="bag" />
            {pieces > 0 && <span class="pieces">{pieces}</span>}
          </a>
        </div>
      </div>
    </header>
  );
}

const licences = document.querySelector<HTMLLinkElement>("link[rel=license]")?.href ?? "";

function Foot() {
  return (
    <footer class="foot">
      <div class="wide">
        <div>
          <p class="brand">Sample shop</p>
          <p class="faint">Nothing here is for sale. Every word and picture on this page came through a Gatehouse edge as REST, from services that speak only gRPC.</p>
        </div>
        <nav aria-label="Foot">
          <a href="/docs">API documentation</a>
          <a href="/docs/reference">Try a call</a>
          <a href="#/account">Who sees what</a>
          <a href={licences}>Licences</a>
        </nav>
        <Calls />
      </div>
    </footer>
  );
}

// Calls lists what the page has asked the edge.
function Calls() {
  const all = calls.use();
  return (
    <details class="calls">
      <summary>The last {count(all.length, "call")} of this page</summary>
      <ol>
        {all.map(({ number, method, path, status, milliseconds }) => (
          <li key={number}>
            <span class={status >= 200 && status < 400 ? "good" : "bad"}>{status || "none"}</span> {method} {path}{" "}
            <span class="faint">{Math.round(milliseconds)} ms</span>
          </li>
        ))}
      </ol>
    </details>
  );
}

await restore();
const root = document.getElementById("page");
if (root) render(<App />, root);
await loadCart();
