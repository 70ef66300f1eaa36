import { useEffect, useState } from "preact/hooks";

import type { Cart } from "../api.js";
import { cart, changeItem, loadCart, removeItem } from "../cart.js";
import { asFailure } from "../failure.js";
import { Icon } from "../parts/icon.js";
import { Notice, Refused } from "../parts/notice.js";
import { Picture } from "../parts/product.js";
import { Quantity } from "../parts/quantity.js";
import { askToSignIn } from "../parts/signin.js";
import { say } from "../parts/toast.js";
import { session } from "../session.js";
import { count, isNothing, price } from "../words.js";

export function CartScreen() {
  useEffect(() => void loadCart(), []);
  const { value, failure } = cart.use();
  const { caller } = session.use();
  if (!caller) {
    return (
      <Notice icon="bag" title="Whose cart?">
        <p>A cart belongs to somebody. Sign in, and yours is here.</p>
        <p class="actions">
          <button type="button" class="button" onClick={() => askToSignIn()}>
            Sign in
          </button>
        </p>
      </Notice>
    );
  }
  if (failure) return <Refused failure={failure} again={loadCart} />;
  if (!value) return <div class="bone block" aria-busy="true" />;
  if (!value.items.length) {
    return (
      <Notice icon="bag" title="Your cart is empty">
        <p>It waits for something good.</p>
        <p class="actions">
          <a class="button" href="#/shelves">
            To the shelves
          </a>
        </p>
      </Notice>
    );
  }
  return (
    <>
      <header class="screen-title">
        <h1>Your cart</h1>
        <p class="faint">{count(value.pieceCount, "piece")}</p>
      </header>
      <div class="two">
        <ul class="items">
          {value.items.map((item) => (
            <li key={item.productId}>
              <Item item={item} />
            </li>
          ))}
        </ul>
        <aside class="sum" aria-label="Sum">
          <Sums cart={value} />
          <a class="button" href="#/checkout">
            To the checkout
          </a>
        </aside>
      </div>
    </>
  );
}

function Item({ item }: { item: Cart["items"][number] }) {
  const [quantity, setQuantity] = useState(String(item.quantity));
  const [wrong, setWrong] = useState<string>();
  const attempt = async (change: Promise<void>) => {
    setWrong(undefined);
    try {
      await change;
    } catch (thrown) {
      const failure = asFailure(thrown);
      setWrong(failure.fields["$.quantity"] ?? failure.message);
    }
  };
  const set = (text: string) => {
    setQuantity(text);
    if (text) void attempt(changeItem(item.productId, Number(text)));
  };
  return (
    <article class="item">
      <a href={"#/products/" + item.productId} tabIndex={-1} aria-hidden="true">
        <Picture id={item.productId} />
      </a>
      <div>
        <h2>
          <a href={"#/products/" + item.productId}>{item.name}</a>
        </h2>
        <p class="faint small">{item.unitPrice && price(item.unitPrice)} each</p>
        <Quantity label={`Quantity of ${item.name}`} value={quantity} set={set} wrong={wrong} />
      </div>
      <p class="price">{item.total && price(item.total)}</p>
      <button type="button" class="plain" aria-label={`Remove ${item.name}`}
        onClick={() => attempt(removeItem(item.productId).then(() => say(`${item.name} is out of your cart.`)))}>
        <Icon name="bin" />
      </button>
    </article>
  );
}

// Sums lists what the cart costs, and what its delivery does at least.
export function Sums({ cart: { subtotal, deliveryByDays } }: { cart: Cart }) {
  const slowest = Object.entries(deliveryByDays).sort(([a], [b]) => Number(b) - Number(a))[0]?.[1];
  return (
    <dl class="sums">
      <div>
        <dt>Things</dt>
        <dd>{subtotal && price(subtotal)}</dd>
      </div>
      <div>
        <dt>Delivery from</dt>
        <dd>{slowest && (isNothing(slowest) ? "free" : price(slowest))}</dd>
      </div>
    </dl>
  );
}
