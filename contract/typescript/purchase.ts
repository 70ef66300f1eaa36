// A purchase, from the shelf to the order that is called off. Every step prints its name; the first that finds something
// else than it expects ends the program.
import assert from "node:assert/strict";
import { argv } from "node:process";

import createClient from "openapi-fetch";

import { values } from "./ndjson.js";
import type { components, paths } from "./shop.js";

type Cart = components["schemas"]["Cart"];
type Order = components["schemas"]["Order"];
type Product = components["schemas"]["Product"];
type Failure = components["schemas"]["Error"] | components["schemas"]["Problem"];
type Watched = paths["/v1/orders/{id}:watch"]["get"]["responses"][200]["content"]["application/x-ndjson"];

const [, , baseUrl = "http://127.0.0.1:8080", token = ""] = argv;
const shop = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });

const product = await choose();
await revisit(product);
await missing();
await refused();
const cart = await fill(product);
const order = await checkOut(cart);
await follow(order);

async function choose(): Promise<Product> {
  const { data, error } = await shop.GET("/v1/products", {
    params: {
      query: {
        pageSize: 5,
        category: "categories/kitchen",
        "price.max.units": "50",
        statuses: ["PRODUCT_STATUS_ACTIVE"],
        inStock: true,
        filter: 'name : "knife" AND stock >= 2',
        orderBy: "price",
      },
    },
  });
  assert(data, because(error));
  assert(data.totalSize >= data.products.length);
  const [first] = data.products;
  assert(first, "nothing is found");
  assert.equal(first.status, "PRODUCT_STATUS_ACTIVE");
  assert(first.price && BigInt(first.price.units) <= 50n && first.price.currencyCode === "EUR");
  done("a product is chosen");
  return first;
}

async function revisit({ id, stock }: Product): Promise<void> {
  const { data, error, response } = await shop.GET("/v1/products/{id}", { params: { path: { id } } });
  assert(data, because(error));
  assert(data.stock === stock && data.details !== undefined && data.details.images.length > 0);
  const etag = response.headers.get("ETag");
  assert(etag);
  const again = await shop.GET("/v1/products/{id}", {
    params: { path: { id }, header: { "If-None-Match": etag } },
  });
  assert.equal(again.response.status, 304);
  done("it has not changed");
}

async function missing(): Promise<void> {
  const { error, response } = await shop.GET("/v1/products/{id}", { params: { path: { id: "no-such-thing" } } });
  assert(error && !("title" in error), "no google.rpc.Status");
  assert.deepEqual([response.status, error.code], [404, 5]);
  assert(error.details.some((detail) => detail["@type"].endsWith("/google.rpc.RequestInfo")));
  done("one that is missing is a Status");
}

async function refused(): Promise<void> {
  const { error } = await shop.GET("/v1/products", {
    params: { query: { pageSize: -1 } },
    headers: { Accept: "application/problem+json, application/json;q=0.9" },
  });
  assert(error && "title" in error, "no problem of RFC 9457");
  assert.deepEqual([error.status, error.code], [400, "INVALID_ARGUMENT"]);
  const [violation] = error.errors ?? [];
  assert(violation);
  assert.match(violation.field, /^page/);
  done("a wrong request is a Problem with its field");
}

async function fill({ id: productId, name }: Product): Promise<Cart> {
  const cartId = "c-1001"; // the customer's own
  const { data: filled, error } = await shop.POST("/v1/carts/{cartId}/items", {
    params: { path: { cartId } },
    body: { productId, quantity: 1 },
  });
  assert(filled, because(error));
  assert.deepEqual([filled.id, filled.pieceCount, filled.items[0]?.name], [cartId, 1, name]);
  const { data: changed, error: failed } = await shop.PATCH("/v1/carts/{cartId}/items/{productId}", {
    params: { path: { cartId, productId } },
    body: { quantity: 2, giftNote: "Cut well." },
  });
  assert(changed, because(failed));
  assert.deepEqual([changed.pieceCount, changed.items[0]?.giftNote], [2, "Cut well."]);
  done("two are in the cart");
  return changed;
}

async function checkOut({ id: cartId, etag, deliveryByDays }: Cart): Promise<Order> {
  const { data, error } = await shop.POST("/v1/carts/{cartId}:checkout", {
    params: { path: { cartId } },
    body: {
      customerId: "c-1001",
      shipTo: { recipient: "A. Reader", lines: ["1 Quiet Lane"], city: "Bremen", countryCode: "DE" },
      deliveryDays: Math.min(...Object.keys(deliveryByDays).map(Number)),
      invoice: {},
      etag,
    },
  });
  assert(data, because(error));
  assert(data.order);
  const read = await shop.GET("/v1/orders/{id}", { params: { path: { id: data.order.id } } });
  assert(read.data, because(read.error));
  assert.equal(read.data.items[0]?.quantity, 2);
  assert.equal(read.data.shipTo?.city, "Bremen");
  done("the order is placed");
  return read.data;
}

// Calls the order off once it is paid for: the stream that watches it tells so and ends.
async function follow({ id }: Order): Promise<void> {
  const { data: stream, error } = await shop.GET("/v1/orders/{id}:watch", {
    params: { path: { id }, query: { maxWait: "60s" } },
    headers: { Accept: "application/x-ndjson" },
    parseAs: "stream",
  });
  assert(stream, because(error));
  let status: Order["status"] = "ORDER_STATUS_UNSPECIFIED";
  for await (const change of values<Watched>(stream)) {
    assert(!("error" in change), "error" in change ? change.error.message : "");
    assert(change.order && change.previousStatus !== change.order.status);
    status = change.order.status;
    if (status === "ORDER_STATUS_PAID") {
      done("it is paid for");
      await callOff(id);
    }
  }
  assert.equal(status, "ORDER_STATUS_CANCELLED");
  done("its events end");
}

async function callOff(id: string): Promise<void> {
  const { data, error } = await shop.POST("/v1/orders/{id}:cancel", {
    params: { path: { id } },
    body: { reason: "It was only a test." },
  });
  assert(data, because(error));
  assert.equal(data.status, "ORDER_STATUS_CANCELLED");
  done("it is called off");
}

function because(failure: Failure | undefined): string {
  if (!failure) return "no answer";
  return "title" in failure ? `${failure.code}: ${failure.detail ?? failure.title}` : `${failure.code}: ${failure.message}`;
}

function done(step: string): void {
  console.log(step);
}
