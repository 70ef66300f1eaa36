import { type Order, shop, take } from "../api.js";
import { useLoaded } from "../loaded.js";
import { Notice, Refused } from "../parts/notice.js";
import { Picture } from "../parts/product.js";
import { session } from "../session.js";
import { count, day, price, status } from "../words.js";

const pageSize = 20;

// OrdersScreen lists the caller's orders, or all to those who may see them.
export function OrdersScreen() {
  const { caller, subject } = session.use();
  const everybody = caller?.name === "admin";
  const { value, failure, again } = useLoaded(() => (everybody ? all() : of(subject || "nobody")), [subject]);
  if (failure) return <Refused failure={failure} again={again} />;
  return (
    <>
      <header class="screen-title">
        <h1>{everybody ? "Everybody's orders" : "Your orders"}</h1>
        <p class="faint">{everybody ? "The latest of all customers." : "The latest first. Open one to follow it."}</p>
      </header>
      {value?.orders.length === 0 && (
        <Notice icon="box" title="No orders yet">
          <p class="actions">
            <a class="button" href="#/shelves">
              To the shelves
            </a>
          </p>
        </Notice>
      )}
      <OrderList orders={value?.orders} named={everybody} />
    </>
  );
}

function all() {
  return take(shop.GET("/v1/orders", { params: { query: { pageSize } } }));
}

function of(customerId: string) {
  return take(shop.GET("/v1/customers/{customerId}/orders", { params: { path: { customerId }, query: { pageSize } } }));
}

export function OrderList({ orders, named = false }: { orders: Order[] | undefined; named?: boolean }) {
  if (!orders) return <div class="bone block" aria-busy="true" />;
  return (
    <ul class="order-list">
      {orders.map(({ id, status: state, items, createTime, total, customerId }) => (
        <li key={id}>
          <span class="thumbnails" aria-hidden="true">
            {items.slice(0, 3).map(({ productId }) => (
              <Picture key={productId} id={productId} />
            ))}
          </span>
          <div>
            <h2>
              <a href={"#/orders/" + id}>{id}</a>
            </h2>
            <p class="faint small">
              {[createTime && day(createTime), count(items.length, "thing"), named && customerId].filter(Boolean).join(" · ")}
            </p>
          </div>
          <p class={"state " + state}>{status(state)}</p>
          <p class="price">{total && price(total)}</p>
        </li>
      ))}
    </ul>
  );
}
