import { useEffect, useRef, useState } from "preact/hooks";

import { type Cart, type Profile, shop, take } from "../api.js";
import { cart, loadCart } from "../cart.js";
import { asFailure, type Failure } from "../failure.js";
import { useLoaded } from "../loaded.js";
import { Field } from "../parts/field.js";
import { Notice, Refused } from "../parts/notice.js";
import { go } from "../route.js";
import { session } from "../session.js";
import { count, isNothing, price, sentence, sum } from "../words.js";

type Payment = "invoice" | "card" | "gift card";

interface Form {
  recipient: string;
  street: string;
  postalCode: string;
  city: string;
  countryCode: string;
  days: string;
  payment: Payment;
  number: string; // of the card or the gift card
}

export function CheckoutScreen() {
  useEffect(() => void loadCart(), []);
  const { value, failure } = cart.use();
  const { subject } = session.use();
  const known = useLoaded(() => addressOf(subject), [subject]);
  if (failure) return <Refused failure={failure} again={loadCart} />;
  if (!subject || value?.items.length === 0) {
    return (
      <Notice icon="bag" title="There is nothing to check out">
        <p class="actions">
          <a class="button" href="#/cart">
            To your cart
          </a>
        </p>
      </Notice>
    );
  }
  if (!value || known.busy) return <div class="bone block" aria-busy="true" />;
  return <Checkout cart={value} customer={subject} address={known.value} />;
}

type Address = Profile["addresses"][number];

// addressOf is where a customer's parcels go. Who is no customer has no such place.
async function addressOf(subject: string): Promise<Address | undefined> {
  if (!subject.startsWith("c-")) return undefined;
  const { addresses } = await take(shop.GET("/v1/profiles/{id}", { params: { path: { id: subject } } }));
  return addresses[0];
}

// Where the edge says that a field is wrong, and which of the form's it is. It looks at all of them at once.
const fieldOf: [RegExp, keyof Form][] = [
  [/shipTo\.recipient/, "recipient"],
  [/shipTo\.lines/, "street"],
  [/shipTo\.postalCode/, "postalCode"],
  [/shipTo\.city/, "city"],
  [/shipTo\.countryCode/, "countryCode"],
  [/delivery_?[dD]ays/, "days"],
  [/cardToken|giftCard/, "number"],
];

function wrongsOf(failure: Failure | undefined): Partial<Record<keyof Form, string>> {
  const wrongs: Partial<Record<keyof Form, string>> = {};
  for (const [path, text] of Object.entries(failure?.fields ?? {})) {
    const name = fieldOf.find(([pattern]) => pattern.test(path))?.[1];
    if (name) wrongs[name] ??= text.startsWith("must match the pattern") ? hints[name] ?? text : text;
  }
  return wrongs;
}

const hints: Partial<Record<keyof Form, string>> = { countryCode: "two capital letters, such as DE" };

function Checkout({ cart, customer, address }: { cart: Cart; customer: string; address: Address | undefined }) {
  const deliveries = Object.entries(cart.deliveryByDays).sort(([a], [b]) => Number(a) - Number(b));
  const [form, setForm] = useState<Form>({
    recipient: address?.recipient ?? "",
    street: address?.lines[0] ?? "",
    postalCode: address?.postalCode ?? "",
    city: address?.city ?? "",
    countryCode: address?.countryCode ?? "",
    days: deliveries.at(-1)?.[0] ?? "",
    payment: "invoice",
    number: "",
  });
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  const element = useRef<HTMLFormElement>(null);
  const wrongs = wrongsOf(failure);
  const bind = (name: keyof Form) => ({
    name,
    value: form[name],
    wrong: wrongs[name],
    set: (value: string) => setForm((before) => ({ ...before, [name]: value })),
  });
  useEffect(() => element.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus(), [failure]);

  const buy = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      const { order } = await take(
        shop.POST("/v1/carts/{cartId}:checkout", {
          params: { path: { cartId: cart.id } },
          body: {
            customerId: customer,
            shipTo: {
              recipient: form.recipient,
              lines: [form.street],
              postalCode: form.postalCode,
              city: form.city,
              countryCode: form.countryCode,
            },
            deliveryDays: Number(form.days),
            etag: cart.etag,
            ...paid(form),
          },
        }),
      );
      await loadCart();
      go("#/orders/" + order?.id);
    } catch (thrown) {
      setFailure(asFailure(thrown));
      setBusy(false);
    }
  };
  const delivery = cart.deliveryByDays[form.days];
  return (
    <>
      <header class="screen-title">
        <h1>Checkout</h1>
        <p class="faint">Nothing is paid, and nothing is sent.</p>
      </header>
      <form ref={element} class="two" noValidate onSubmit={(event) => (event.preventDefault(), void buy())}>
        <div class="form">
          {failure && <Problem failure={failure} found={Object.keys(wrongs).length} />}
          <fieldset>
            <legend>Where it goes</legend>
            <Field label="Name" input={{ autocomplete: "shipping name" }} {...bind("recipient")} />
            <Field label="Street and number" input={{ autocomplete: "shipping address-line1" }} {...bind("street")} />
            <div class="row">
              <Field label="Postal code" input={{ autocomplete: "shipping postal-code" }} {...bind("postalCode")} />
              <Field label="Town" input={{ autocomplete: "shipping address-level2" }} {...bind("city")} />
            </div>
            <Field label="Country" hint="Two capital letters" input={{ autocomplete: "shipping country", maxLength: 20 }} {...bind("countryCode")} />
          </fieldset>
          <fieldset class="options">
            <legend>How fast</legend>
            {deliveries.map(([days, cost]) => (
              <Option key={days} name="days" value={days} chosen={form.days} choose={bind("days").set}
                title={days === "1" ? "Tomorrow" : `Within ${days} days`} note={isNothing(cost) ? "free" : price(cost)} />
            ))}
          </fieldset>
          <fieldset class="options">
            <legend>How it is paid</legend>
            <Option name="payment" value="invoice" chosen={form.payment} choose={bind("payment").set} title="By invoice" note="after delivery" />
            <Option name="payment" value="card" chosen={form.payment} choose={bind("payment").set} title="By card" note="a token for it" />
            <Option name="payment" value="gift card" chosen={form.payment} choose={bind("payment").set} title="Gift card" note="its number" />
            {form.payment !== "invoice" && (
              <Field label={form.payment === "card" ? "Card token" : "Number of the gift card"} hint="Make one up" input={{ autocomplete: "off" }} {...bind("number")} />
            )}
          </fieldset>
        </div>
        <aside class="sum" aria-label="Sum">
          <dl class="sums">
            <div>
              <dt>{count(cart.pieceCount, "piece")}</dt>
              <dd>{cart.subtotal && price(cart.subtotal)}</dd>
            </div>
            <div>
              <dt>Delivery</dt>
              <dd>{delivery && (isNothing(delivery) ? "free" : price(delivery))}</dd>
            </div>
            <div class="total">
              <dt>Total</dt>
              <dd>{delivery && cart.subtotal && price(sum(cart.subtotal, delivery))}</dd>
            </div>
          </dl>
          <button type="submit" class="button" disabled={busy}>
            {busy ? "Placing it…" : "Place the order"}
          </button>
        </aside>
      </form>
    </>
  );
}

function paid({ payment, number }: Form) {
  switch (payment) {
    case "card":
      return { cardToken: number };
    case "gift card":
      return { giftCard: number };
    case "invoice":
      return { invoice: {} };
  }
}

function Problem({ failure, found }: { failure: Failure; found: number }) {
  return (
    <p class="problem box" role="alert">
      {found ? `Please look again at ${count(found, "field")}.` : sentence(failure.message)}
    </p>
  );
}

interface OptionProps {
  name: string;
  value: string;
  chosen: string;
  title: string;
  note: string;
  choose: (value: string) => void;
}

function Option({ name, value, chosen, title, note, choose }: OptionProps) {
  return (
    <label class="option">
      <input type="radio" name={name} value={value} checked={value === chosen} onChange={() => choose(value)} />
      {title} <span class="faint">{note}</span>
    </label>
  );
}
