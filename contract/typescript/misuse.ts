// What the types must refuse: a line below an @ts-expect-error that is right after all is an error.
import createClient from "openapi-fetch";

import type { components, paths } from "./shop.js";

type Schemas = components["schemas"];
const shop = createClient<paths>();

// @ts-expect-error: 12 is whole units of money as text: 64 bits are more than a number holds
export const units: Schemas["MoneyInput"] = { currencyCode: "EUR", units: 12 };

// @ts-expect-error: there is no such field
export const unknown: Schemas["MoneyInput"] = { currency: "EUR" };

// @ts-expect-error: a product needs a category and a price
export const missing: Schemas["ProductInput"] = { name: "Nothing" };

// @ts-expect-error: there is no such state
export const state: Schemas["OrderStatus"] = "ORDER_STATUS_LOST";

// @ts-expect-error: what is absent is absent, not undefined
export const absent: Schemas["MoneyInput"] = { units: undefined };

export function price(product: Schemas["Product"]): string {
  // @ts-expect-error: a product may have no price
  return product.price.units;
}

export async function misuse(): Promise<void> {
  // @ts-expect-error: there is no such path
  await shop.GET("/v1/product");
  // @ts-expect-error: the path's variable is missing
  await shop.GET("/v1/products/{id}");
  // @ts-expect-error: the path takes no DELETE
  await shop.DELETE("/v1/orders/{id}", { params: { path: { id: "o-1" } } });
  // @ts-expect-error: the address is missing
  await shop.POST("/v1/carts/{cartId}:checkout", { params: { path: { cartId: "a" } }, body: { customerId: "c-1001" } });
  await shop.POST("/v1/carts/{cartId}/items", {
    params: { path: { cartId: "a" } },
    // @ts-expect-error: the amount is a number
    body: { productId: "copper-saucepan", quantity: "1" },
  });
  await shop.POST("/v1/carts/{cartId}/items", {
    params: { path: { cartId: "a" } },
    // @ts-expect-error: there is no such field, which the client by itself would let pass
    body: { productId: "copper-saucepan", quantity: 1, colour: "red" } satisfies Schemas["CartItemInput"],
  });
  await shop.GET("/v1/products", {
    // @ts-expect-error: the size is a number
    params: { query: { pageSize: "5" } },
  });
}
