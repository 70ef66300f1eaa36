import { shop, take } from "../api.js";
import { useLoaded } from "../loaded.js";
import { Icon } from "../parts/icon.js";
import { Refused } from "../parts/notice.js";
import { Picture, ProductGrid, Waiting } from "../parts/product.js";
import { PromotionCard } from "../parts/promotion.js";
import { SearchBox } from "../parts/search.js";
import { linkTo } from "../route.js";
import { count } from "../words.js";

export function FrontScreen() {
  return (
    <div class="front">
      <Hero />
      <Shelves />
      <Favourites />
      <Offers />
      <Behind />
    </div>
  );
}

function Hero() {
  const { value: products } = useLoaded(
    () => take(shop.GET("/v1/products", { params: { query: { filter: "featured = true", orderBy: "rating desc", pageSize: 3 } } })),
    [],
  );
  return (
    <section class="hero">
      <div>
        <h1>Good things, kept a long time.</h1>
        <p class="lead">Three hundred objects for kitchens, gardens and long walks, from eight shelves and one API.</p>
        <SearchBox />
      </div>
      <div class="collage">
        {[0, 1, 2].map((i) => {
          const product = products?.products[i];
          return product ? (
            <a key={i} href={linkTo("products/" + product.id)}>
              <Picture id={product.id} alt={product.name} eager />
            </a>
          ) : (
            <div key={i} class="picture bone" />
          );
        })}
      </div>
    </section>
  );
}

// Shelves shows each floor of the shop with the picture of something good that stands there.
function Shelves() {
  const shelves = useLoaded(() => take(shop.GET("/v1/categories")), []);
  const good = useLoaded(
    () =>
      take(
        shop.GET("/v1/products", {
          params: { query: { filter: "rating >= 4.6", orderBy: "rating desc", pageSize: 200, fields: "products.id,products.category" } },
        }),
      ),
    [],
  );
  if (shelves.failure) return <Refused failure={shelves.failure} again={shelves.again} />;
  return (
    <section aria-labelledby="shelves">
      <h2 id="shelves">Walk along the shelves</h2>
      <ul class="shelves" aria-busy={shelves.busy}>
        {(shelves.value ?? Array<undefined>(8).fill(undefined)).map((shelf, i) => {
          if (!shelf) return <li key={i} class="shelf bone" />;
          const product = good.value?.products.find(({ category }) => category.startsWith(shelf.name + "/"));
          return (
            <li key={shelf.name} class="shelf">
              {product ? <Picture id={product.id} /> : <div class="picture bone" />}
              <div>
                <h3>
                  <a href={"#/" + shelf.name.replace("categories", "shelves")}>{shelf.displayName}</a>
                </h3>
                <p class="faint">{shelf.description}</p>
                <p class="faint small">{count(shelf.productCount, "thing")}</p>
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Favourites() {
  const best = useLoaded(
    () =>
      take(
        shop.GET("/v1/products", {
          params: { query: { filter: "reviews > 250", inStock: true, statuses: ["PRODUCT_STATUS_ACTIVE"], orderBy: "rating desc", pageSize: 8 } },
        }),
      ),
    [],
  );
  return (
    <section aria-labelledby="favourites">
      <header class="title">
        <h2 id="favourites">What people come back for</h2>
        <a href={linkTo("shelves", { sort: "rating desc" })}>
          All, by rating <Icon name="forward" />
        </a>
      </header>
      {best.failure && <Refused failure={best.failure} again={best.again} />}
      {best.busy && <Waiting products={8} />}
      {best.value && <ProductGrid products={best.value.products} />}
    </section>
  );
}

function Offers() {
  const { value } = useLoaded(() => take(shop.GET("/v1/promotions", { params: { query: { pageSize: 4, at: new Date().toISOString() } } })), []);
  return (
    <section aria-labelledby="offers">
      <header class="title">
        <h2 id="offers">Cheaper today</h2>
        <a href="#/offers">
          All offers <Icon name="forward" />
        </a>
      </header>
      <ul class="promotions">
        {value
          ? value.promotions.map((promotion) => (
              <li key={promotion.id}>
                <PromotionCard promotion={promotion} />
              </li>
            ))
          : [0, 1, 2, 3].map((i) => <li key={i} class="promotion bone" />)}
      </ul>
    </section>
  );
}

// Behind leads to what the page is there to show.
function Behind() {
  return (
    <section class="behind" aria-labelledby="behind">
      <h2 id="behind">Behind the counter</h2>
      <ul>
        <li>
          <h3>
            <a href="#/compare">One screen, one call</a>
          </h3>
          <p>A home screen that needs five services, asked five times or once.</p>
        </li>
        <li>
          <h3>
            <a href="#/account">Four visitors, one door</a>
          </h3>
          <p>The same calls as a customer, a partner, an administrator and nobody.</p>
        </li>
        <li>
          <h3>
            <a href="/docs">The API itself</a>
          </h3>
          <p>Every call of this page, documented, and ready to be tried.</p>
        </li>
      </ul>
    </section>
  );
}
