// Products as lists show them.
import { pictureOf, type Product } from "../api.js";
import { linkTo } from "../route.js";
import { price } from "../words.js";
import { Stars } from "./stars.js";

export function ProductGrid({ products, eager = 0 }: { products: Product[]; eager?: number }) {
  return (
    <ul class="products">
      {products.map((product, i) => (
        <li key={product.id}>
          <ProductCard product={product} eager={i < eager} />
        </li>
      ))}
    </ul>
  );
}

function ProductCard({ product, eager }: { product: Product; eager: boolean }) {
  return (
    <article class="product">
      <Picture id={product.id} eager={eager} />
      <h3>
        <a href={linkTo("products/" + product.id)}>{product.name}</a>
      </h3>
      <Stars rating={Number(product.rating)} reviews={product.reviewCount} />
      <Prices product={product} />
      <Badge product={product} />
    </article>
  );
}

export function Picture({ id, alt = "", eager = false }: { id: string; alt?: string; eager?: boolean }) {
  return (
    <img class="picture" src={pictureOf(id)} alt={alt} width="640" height="640" decoding="async" loading={eager ? "eager" : "lazy"} />
  );
}

// Prices shows what one costs, and what it costs a reseller, if the caller is told.
export function Prices({ product }: { product: Product }) {
  return (
    <p class="prices">
      {product.price && <span class="price">{price(product.price)}</span>}
      {product.wholesalePrice && (
        <span class="wholesale">
          {price(product.wholesalePrice)} <span>wholesale</span>
        </span>
      )}
    </p>
  );
}

export function Badge({ product: { stock, status } }: { product: Product }) {
  if (status === "PRODUCT_STATUS_COMING_SOON") return <p class="badge">Coming soon</p>;
  if (stock === 0) return <p class="badge">Sold out</p>;
  if (status === "PRODUCT_STATUS_DISCONTINUED") return <p class="badge">Last pieces</p>;
  return null;
}

// Waiting stands where products will be, and takes as much room.
export function Waiting({ products }: { products: number }) {
  return (
    <ul class="products" aria-hidden="true">
      {Array.from({ length: products }, (_, i) => (
        <li key={i}>
          <div class="product">
            <div class="picture bone" />
            <div class="line bone" />
            <div class="line short bone" />
          </div>
        </li>
      ))}
    </ul>
  );
}
