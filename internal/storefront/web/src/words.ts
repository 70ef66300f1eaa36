// How values are written for people.
import type { Money, Order } from "./api.js";

export function price({ currencyCode, units, nanos }: Money): string {
  const amount = Number(units) + nanos / 1e9;
  return new Intl.NumberFormat("en-IE", { style: "currency", currency: currencyCode || "EUR" }).format(amount);
}

// sum adds amounts of one currency.
export function sum(a: Money, b: Money): Money {
  const nanos = a.nanos + b.nanos;
  const carry = Math.trunc(nanos / 1e9);
  return { currencyCode: a.currencyCode, units: String(BigInt(a.units) + BigInt(b.units) + BigInt(carry)), nanos: nanos - carry * 1e9 };
}

export function isNothing({ units, nanos }: Money): boolean {
  return units === "0" && nanos === 0;
}

export function day(time: string): string {
  return new Date(time).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
}

export function clock(time: string): string {
  return new Date(time).toLocaleTimeString("en-GB");
}

export function count(n: number, one: string, many = one + "s"): string {
  return `${n.toLocaleString("en-GB")} ${n === 1 ? one : many}`;
}

// status is ORDER_STATUS_PLACED as "Placed".
export function status(value: Order["status"]): string {
  return capital(value.replace("ORDER_STATUS_", "").toLowerCase());
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

// sentence makes one of what the edge says about a field.
export function sentence(text: string): string {
  return capital(text).replace(/[^.!?]$/, "$&.");
}
