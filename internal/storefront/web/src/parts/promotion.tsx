import type { Promotion } from "../api.js";
import { price } from "../words.js";

export function PromotionCard({ promotion }: { promotion: Promotion }) {
  return (
    <article class="promotion">
      <p class="saving">{saving(promotion)}</p>
      <h3>{promotion.title}</h3>
      <p class="faint">{promotion.description}</p>
    </article>
  );
}

function saving({ percentOff, amountOff, buyAndGet, freeDelivery }: Promotion): string {
  if (percentOff !== undefined) return `−${Number(percentOff)} %`;
  if (amountOff) return "−" + price(amountOff);
  if (buyAndGet) return `${buyAndGet.buy} + ${buyAndGet.getFree}`;
  return freeDelivery ? "0 €" : "";
}
