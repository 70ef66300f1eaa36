// The caller's cart, which the head of the page counts. It is called as its owner is.
import { type Cart, shop, take } from "./api.js";
import { asFailure, type Failure } from "./failure.js";
import { session } from "./session.js";
import { Store } from "./store.js";

export const cart = new Store<{ value?: Cart; failure?: Failure }>({});

export async function loadCart(): Promise<void> {
  const { subject } = session.value;
  if (!subject) return cart.set({});
  await keep(take(shop.GET("/v1/carts/{id}", { params: { path: { id: subject } } })));
}

export async function addItem(productId: string, quantity: number): Promise<void> {
  const value = await take(
    shop.POST("/v1/carts/{cartId}/items", { params: { path: { cartId: owner() } }, body: { productId, quantity } }),
  );
  cart.set({ value });
}

export async function changeItem(productId: string, quantity: number): Promise<void> {
  const value = await take(
    shop.PATCH("/v1/carts/{cartId}/items/{productId}", {
      params: { path: { cartId: owner(), productId } },
      body: { quantity },
    }),
  );
  cart.set({ value });
}

export async function removeItem(productId: string): Promise<void> {
  const value = await take(
    shop.DELETE("/v1/carts/{cartId}/items/{productId}", { params: { path: { cartId: owner(), productId } } }),
  );
  cart.set({ value });
}

// owner is whose cart is asked for. Nobody's is, too: the edge then says that one has to sign in.
function owner(): string {
  return session.value.subject || "nobody";
}

async function keep(loading: Promise<Cart>): Promise<void> {
  try {
    cart.set({ value: await loading });
  } catch (thrown) {
    cart.set({ failure: asFailure(thrown) });
  }
}
