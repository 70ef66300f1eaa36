// The home screen of a telephone, as the composed call answers it.
import type { Home } from "../api.js";
import { count, price, status } from "../words.js";
import { Icon } from "./icon.js";
import { Picture } from "./product.js";

export function HomeScreen({ home }: { home: Home | undefined }) {
  return (
    <section class="phone" aria-label="The home screen">
      {home ? <Filled home={home} /> : <p class="faint empty">Here will be what one call answers.</p>}
    </section>
  );
}

function Filled({ home: { profile, cart, orders, recommendations, promotions, partial } }: { home: Home }) {
  return (
    <>
      <h2>Hello{profile && `, ${profile.preferences?.greeting || profile.displayName}`}</h2>
      {partial.length > 0 && (
        <p class="box small" role="status">
          Not there today: {partial.map(({ field, reason, code }) => `${field} (${reason || code})`).join(", ")}
        </p>
      )}
      {cart && (
        <a class="pointer" href="#/cart">
          <span class="roundel">
            <Icon name="bag" />
          </span>
          <span>
            {count(cart.pieceCount, "piece")} in your cart
            <span class="faint small">{cart.subtotal && price(cart.subtotal)}</span>
          </span>
        </a>
      )}
      {promotions.slice(0, 1).map(({ id, title, description }) => (
        <a key={id} class="banner" href="#/offers">
          <strong>{title}</strong>
          <span>{description}</span>
        </a>
      ))}
      {recommendations.length > 0 && <h3>For you</h3>}
      <ul class="strip">
        {recommendations.map(({ id, name }) => (
          <li key={id}>
            <a href={"#/products/" + id}>
              <Picture id={id} />
              {name}
            </a>
          </li>
        ))}
      </ul>
      {orders.length > 0 && <h3>Lately</h3>}
      <ul class="lately">
        {orders.map(({ id, status: state, items }) => (
          <li key={id}>
            <a href={"#/orders/" + id}>{items[0]?.name ?? id}</a>
            <span class={"state " + state}>{status(state)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
