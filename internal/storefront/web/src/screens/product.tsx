import { useState } from "preact/hooks";

import { type Product, shop, take } from "../api.js";
import { addItem } from "../cart.js";
import { asFailure } from "../failure.js";
import { useLoaded } from "../loaded.js";
import { Icon } from "../parts/icon.js";
import { Refused } from "../parts/notice.js";
import { Badge, Picture, Prices, ProductGrid } from "../parts/product.js";
import { askToSignIn } from "../parts/signin.js";
import { Stars } from "../parts/stars.js";
import { say } from "../parts/toast.js";
import { Quantity } from "../parts/quantity.js";
import { count, price } from "../words.js";

export function ProductScreen({ id }: { id: string }) {
  const { value, failure, again } = useLoaded(() => take(shop.GET("/v1/products/{id}", { params: { path: { id } } })), [id]);
  if (failure) return <Refused failure={failure} again={again} />;
  if (!value) return <Waiting />;
  const product: Product = value;
  const shelf = product.category.replace("categories/", "");
  return (
    <>
      <nav class="crumbs" aria-label="Where this is">
        <a href="#/shelves">Shelves</a>
        {shelf.split("/").map((name, i, all) => (
          <a key={name} href={"#/shelves/" + all.slice(0, i + 1).join("/")}>
            {name.replaceAll("-", " ")}
          </a>
        ))}
      </nav>
      <article class="thing">
        <Picture id={id} alt={product.details?.images[0]?.alt ?? ""} eager />
        <div class="facts">
          <h1>{product.name}</h1>
          <Stars rating={Number(product.rating)} reviews={product.reviewCount} />
          <p class="lead">{product.summary}</p>
          <Prices product={product} />
          <Badge product={product} />
          <Order product={product} />
          <ManyPrices product={product} />
        </div>
      </article>
      <Details product={product} />
      <Similar id={id} />
    </>
  );
}

function Waiting() {
  return (
    <div class="thing" aria-busy="true">
      <div class="picture bone" />
      <div class="facts">
        <div class="line bone" />
        <div class="line short bone" />
      </div>
    </div>
  );
}

// Order puts the product into the cart. Whether the quantity is one is for the edge to say.
function Order({ product: { id, name, status } }: { product: Product }) {
  const [quantity, setQuantity] = useState("1");
  const [wrong, setWrong] = useState<string>();
  const [busy, setBusy] = useState(false);
  const add = async () => {
    setBusy(true);
    setWrong(undefined);
    try {
      await addItem(id, Number(quantity));
      say(`${name} is in your cart.`, "#/cart", "See it");
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (failure.status === 401) askToSignIn("Sign in, so that we know whose cart it goes into.");
      else setWrong(failure.fields["$.quantity"] ?? failure.message);
    }
    setBusy(false);
  };
  if (status === "PRODUCT_STATUS_COMING_SOON") return null;
  return (
    <form class="order" noValidate onSubmit={(event) => (event.preventDefault(), void add())}>
      <Quantity value={quantity} set={setQuantity} wrong={wrong} />
      <button type="submit" class="button" disabled={busy}>
        <Icon name="bag" /> Add to cart
      </button>
    </form>
  );
}

function ManyPrices({ product: { details } }: { product: Product }) {
  const prices = Object.entries(details?.priceFromQuantity ?? {}).sort(([a], [b]) => Number(a) - Number(b));
  if (!prices.length) return null;
  return (
    <p class="faint small">
      {prices.map(([from, each]) => `${price(each)} each from ${from}`).join(", ")}
    </p>
  );
}

function Details({ product: { details, sku, stock } }: { product: Product }) {
  if (!details) return null;
  const [, ...paragraphs] = details.description.split("\n\n"); // the first is the summary
  return (
    <section class="details" aria-label="Details">
      <div>
        <h2>About it</h2>
        {paragraphs.map((text) => (
          <p key={text}>{text}</p>
        ))}
        <Ratings histogram={details.ratingHistogram} />
      </div>
      <div>
        <h2>In short</h2>
        <dl>
          {Object.entries(details.specifications).sort().map(([label, text]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{text}</dd>
            </div>
          ))}
          <div>
            <dt>In stock</dt>
            <dd>{count(stock, "piece")}</dd>
          </div>
          <div>
            <dt>Number</dt>
            <dd>{sku}</dd>
          </div>
        </dl>
      </div>
    </section>
  );
}

// Ratings draws how many reviews gave five stars, four, and so on.
function Ratings({ histogram }: { histogram: readonly number[] }) {
  const most = Math.max(...histogram, 1);
  if (!histogram.length) return null;
  return (
    <ol class="ratings" aria-label="Reviews by stars">
      {histogram
        .map((reviews, i) => (
          <li key={i}>
            <span>{count(i + 1, "star")}</span>
            <span class="bar">
              <span style={{ width: `${(100 * reviews) / most}%` }} />
            </span>
            <span>{reviews}</span>
          </li>
        ))
        .reverse()}
    </ol>
  );
}

function Similar({ id }: { id: string }) {
  const { value } = useLoaded(() => take(shop.GET("/v1/products/{id}/similar", { params: { path: { id }, query: { limit: 4 } } })), [id]);
  if (!value?.length) return null;
  return (
    <section aria-labelledby="similar">
      <h2 id="similar">Much like it</h2>
      <ProductGrid products={value} />
    </section>
  );
}
