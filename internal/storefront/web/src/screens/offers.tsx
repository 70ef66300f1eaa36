import { useState } from "preact/hooks";

import { type Promotion, shop, take, takeWhole } from "../api.js";
import { asFailure, type Failure } from "../failure.js";
import { useLoaded } from "../loaded.js";
import { useCountdown } from "../parts/countdown.js";
import { Field } from "../parts/field.js";
import { Icon } from "../parts/icon.js";
import { Refused } from "../parts/notice.js";
import { PromotionCard } from "../parts/promotion.js";

export function OffersScreen() {
  const { value, failure, again } = useLoaded(() => take(shop.GET("/v1/promotions", { params: { query: { pageSize: 20, at: new Date().toISOString() } } })), []);
  return (
    <>
      <header class="screen-title">
        <h1>Offers</h1>
        <p class="faint">What is cheaper today, and why.</p>
      </header>
      <TryCode />
      {failure && <Refused failure={failure} again={again} />}
      <ul class="promotions" aria-busy={!value}>
        {value?.promotions.map((promotion) => (
          <li key={promotion.id}>
            <PromotionCard promotion={promotion} />
          </li>
        ))}
      </ul>
    </>
  );
}

interface Tried {
  promotion?: Promotion;
  failure?: Failure;
}

// TryCode looks codes up, of which the edge lets through a few a minute. It shows how many are left, and how long to wait.
function TryCode() {
  const [code, setCode] = useState("");
  const [tried, setTried] = useState<Tried>({});
  const [left, setLeft] = useState<Quota>();
  const wait = useCountdown(tried.failure);
  const attempt = async () => {
    const id = code.trim().toLowerCase();
    if (!id) return setTried({});
    try {
      const { data, response } = await takeWhole(shop.GET("/v1/promotions/{id}", { params: { path: { id } } }));
      setLeft(quotaOf(response.headers));
      setTried({ promotion: data });
    } catch (thrown) {
      const failure = asFailure(thrown);
      setTried({ failure });
      setLeft(quotaOf(failure.headers));
    }
  };
  const { promotion, failure } = tried;
  const limited = failure?.status === 429;
  return (
    <section class="code" aria-labelledby="code">
      <div>
        <h2 id="code">Have you got a code?</h2>
        <form noValidate onSubmit={(event) => (event.preventDefault(), void attempt())}>
          <Field label="Code" name="code" value={code} set={setCode} hint="Such as welcome-ten or winter-kitchen"
            input={{ autocomplete: "off", autocapitalize: "off", spellcheck: false }} wrong={limited ? undefined : wrongOf(failure)}>
            <button type="submit" class="button" disabled={wait > 0}>
              {wait > 0 ? `Wait ${wait} s` : "Try it"}
            </button>
          </Field>
        </form>
        <p class="left faint small">{left && <Left {...left} />}</p>
      </div>
      <div class="found" aria-live="polite">
        {promotion && <PromotionCard promotion={promotion} />}
        {limited && (
          <div class="slow">
            <span class="roundel">
              <Icon name="clock" />
            </span>
            <div>
              <h3>{wait > 0 ? "That was a lot of codes" : "You can go on"}</h3>
              <p class="faint">Ten a minute are enough for anybody who has one.</p>
            </div>
          </div>
        )}
      </div>
    </section>
  );
}

function wrongOf(failure: Failure | undefined): string | undefined {
  if (failure?.status === 404) return "There is no such code";
  return failure?.message;
}

interface Quota {
  remaining: number;
  of: number;
}

// quotaOf reads what a response says of the limit: `RateLimit: "promotions";r=9;t=6`, and
// `RateLimit-Policy: "promotions";q=10;w=60`.
function quotaOf(headers: Headers): Quota | undefined {
  const remaining = /;\s*r=(\d+)/.exec(headers.get("RateLimit") ?? "")?.[1];
  const of = /;\s*q=(\d+)/.exec(headers.get("RateLimit-Policy") ?? "")?.[1];
  return remaining && of ? { remaining: Number(remaining), of: Number(of) } : undefined;
}

function Left({ remaining, of }: Quota) {
  return (
    <>
      <span class="dots" aria-hidden="true">
        {Array.from({ length: of }, (_, i) => (
          <span key={i} class={i < remaining ? "full" : ""} />
        ))}
      </span>
      {remaining} of {of} tries left this minute
    </>
  );
}
