import { useEffect, useState } from "preact/hooks";

import { type Order, type OrderChange, shop, take } from "../api.js";
import { watchOrder } from "../events.js";
import { asFailure, type Failure } from "../failure.js";
import { Icon, type IconName } from "../parts/icon.js";
import { Refused } from "../parts/notice.js";
import { Picture } from "../parts/product.js";
import { say } from "../parts/toast.js";
import { clock, day, isNothing, price, status } from "../words.js";

const course = ["PLACED", "PAID", "PACKED", "SHIPPED", "DELIVERED"] as const;
const icons: Record<(typeof course)[number], IconName> = { PLACED: "receipt", PAID: "card", PACKED: "box", SHIPPED: "van", DELIVERED: "house" };
const says: Record<(typeof course)[number], string> = {
  PLACED: "We have it.",
  PAID: "The money is there.",
  PACKED: "It is in its box.",
  SHIPPED: "The van is on the road.",
  DELIVERED: "It is at your door.",
};

// OrderScreen follows an order by server-sent events.
export function OrderScreen({ id }: { id: string }) {
  const [order, setOrder] = useState<Order>();
  const [live, setLive] = useState<"waiting" | "live" | "over">("waiting");
  const [failure, setFailure] = useState<Failure>();
  useEffect(() => {
    const leaving = new AbortController();
    const changed = ({ order: next }: OrderChange) => setOrder(next);
    watchOrder(id, { changed, connected: (yes) => setLive(yes ? "live" : "waiting") }, leaving.signal).then(
      () => setLive("over"),
      (thrown: unknown) => setFailure(asFailure(thrown)),
    );
    return () => leaving.abort();
  }, [id]);

  if (failure) return <Refused failure={failure} />;
  if (!order) return <div class="bone block" aria-busy="true" />;
  return (
    <>
      <header class="screen-title">
        <h1>Order {id}</h1>
        <p class="faint">
          {order.createTime && day(order.createTime)} <Live state={live} />
        </p>
      </header>
      <Course order={order} />
      <div class="two">
        <Items order={order} />
        <aside class="sum" aria-label="Order">
          <Summary order={order} />
          <CallOff order={order} />
        </aside>
      </div>
    </>
  );
}

function Live({ state }: { state: "waiting" | "live" | "over" }) {
  if (state === "over") return null;
  return <span class={"live " + state}>{state === "live" ? "Live" : "Connecting…"}</span>;
}

// Course draws how far the order has come, and says it to those who can not see that.
function Course({ order: { status: state, statusTimes } }: { order: Order }) {
  const reached = course.filter((step) => statusTimes[step.toLowerCase()]);
  const last = reached.at(-1);
  const cancelled = state === "ORDER_STATUS_CANCELLED";
  return (
    <section class="course" aria-label="How far it has come">
      <p class="now" role="status">
        {cancelled ? "It was called off." : last && says[last]}
      </p>
      <ol class={cancelled ? "cancelled" : ""}>
        {course.map((step) => {
          const time = statusTimes[step.toLowerCase()];
          return (
            <li key={step} class={time ? "done" : ""} {...(step === last && !cancelled && { "aria-current": "step" })}>
              <span class="roundel">
                <Icon name={icons[step]} />
              </span>
              <span class="step">{status(`ORDER_STATUS_${step}`)}</span>
              <span class="faint small">{time ? clock(time) : " "}</span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function Items({ order: { items } }: { order: Order }) {
  return (
    <ul class="items">
      {items.map(({ productId, name, quantity, unitPrice, giftNote, serialNumbers }) => (
        <li key={productId}>
          <article class="item">
            <Picture id={productId} />
            <div>
              <h2>
                <a href={"#/products/" + productId}>{name}</a>
              </h2>
              <p class="faint small">
                {quantity} × {unitPrice && price(unitPrice)}
              </p>
              {giftNote && <p class="small">“{giftNote}”</p>}
              {serialNumbers.length > 0 && <p class="faint small">Serial {serialNumbers.join(", ")}</p>}
            </div>
          </article>
        </li>
      ))}
    </ul>
  );
}

function Summary({ order: { shipTo, delivery, total, parcels } }: { order: Order }) {
  return (
    <>
      <dl class="sums">
        <div>
          <dt>Delivery</dt>
          <dd>{delivery && (isNothing(delivery) ? "free" : price(delivery))}</dd>
        </div>
        <div class="total">
          <dt>Total</dt>
          <dd>{total && price(total)}</dd>
        </div>
      </dl>
      {shipTo && (
        <address>
          {[shipTo.recipient, ...shipTo.lines, `${shipTo.postalCode} ${shipTo.city}`.trim(), shipTo.countryCode].map((line) => (
            <span key={line}>{line}</span>
          ))}
        </address>
      )}
      {parcels[0] && <p class="faint small">Parcel {parcels[0].trackingCode}</p>}
    </>
  );
}

// CallOff is there as long as the order can be called off. The events tell of what becomes of it.
function CallOff({ order: { id, status: state } }: { order: Order }) {
  const possible = ["ORDER_STATUS_PLACED", "ORDER_STATUS_PAID", "ORDER_STATUS_PACKED"].includes(state);
  const callOff = async () => {
    try {
      await take(shop.POST("/v1/orders/{id}:cancel", { params: { path: { id } }, body: { reason: "Called off on the order's page." } }));
      say(`${id} is called off.`);
    } catch (thrown) {
      say(asFailure(thrown).message);
    }
  };
  if (!possible) return null;
  return (
    <button type="button" class="button quiet" onClick={callOff}>
      Call it off
    </button>
  );
}
