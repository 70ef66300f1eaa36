import { useState } from "preact/hooks";

import { type Home, shop, take } from "../api.js";
import { asFailure, type Failure } from "../failure.js";
import { measure, type Measured, type Span, type Step } from "../measure.js";
import { Refused } from "../parts/notice.js";
import { HomeScreen } from "../parts/home.js";
import { mira, session } from "../session.js";

const links = [
  [0, "None"],
  [100, "100 ms"],
  [300, "300 ms"],
] as const;

// CompareScreen makes a home screen of one call, and of five, and shows how long each way takes.
export function CompareScreen() {
  const { subject } = session.use();
  const customer = subject.startsWith("c-") ? subject : mira;
  const [roundTrip, setRoundTrip] = useState(100);
  const [home, setHome] = useState<Home>();
  const [runs, setRuns] = useState<Measured[]>([]);
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  const go = async () => {
    setBusy(true);
    setFailure(undefined);
    setRuns([]);
    try {
      await compare(customer, roundTrip, setHome, (run) => setRuns((before) => [...before, run]));
    } catch (thrown) {
      setFailure(asFailure(thrown));
    }
    setBusy(false);
  };
  return (
    <>
      <header class="screen-title">
        <h1>One screen, one call</h1>
        <p class="faint">
          A home screen shows a profile, a cart, orders, recommendations and promotions: five services. A telephone can ask each, or ask the edge once.
        </p>
      </header>
      <div class="compare">
        <section class="bench" aria-label="Comparison">
          <fieldset class="segments">
            <legend>
              Simulated mobile link <span class="faint">added by this page before each call</span>
            </legend>
            {links.map(([delay, label]) => (
              <label key={delay}>
                <input type="radio" name="link" checked={delay === roundTrip} onChange={() => setRoundTrip(delay)} disabled={busy} />
                <span>{label}</span>
              </label>
            ))}
          </fieldset>
          <button type="button" class="button" onClick={go} disabled={busy}>
            {busy ? "Measuring…" : runs.length ? "Measure again" : "Measure"}
          </button>
          {failure ? failure.status !== 404 && <Refused failure={failure} again={go} /> : <Lanes runs={runs} />}
          {failure?.status === 404 && <p class="box">This edge does not compose the home screen.</p>}
        </section>
        <HomeScreen home={home} />
      </div>
    </>
  );
}

async function compare(customer: string, roundTrip: number, show: (home: Home) => void, report: (run: Measured) => void): Promise<void> {
  let home: Home | undefined;
  const whole: Step = {
    name: "home",
    call: async () => (home = await take(shop.GET("/v1/customers/{customerId}/home", { params: { path: { customerId: customer } } }))),
  };
  await whole.call(); // one that fails is told at once, and the connection is there for those that are measured
  const parts = stepsOf(customer);
  report({ name: "One call", text: "1 request", spans: await measure([whole], true, roundTrip) });
  if (home) show(home);
  report({ name: "Five calls at once", text: "5 requests", spans: await measure(parts, true, roundTrip) });
  report({ name: "Five calls, one after the other", text: "5 requests", spans: await measure(parts, false, roundTrip) });
}

// stepsOf makes the calls that the edge makes for the screen.
function stepsOf(id: string): Step[] {
  return [
    { name: "profile", call: () => take(shop.GET("/v1/profiles/{id}", { params: { path: { id } } })) },
    { name: "cart", call: () => take(shop.GET("/v1/carts/{id}", { params: { path: { id } } })) },
    {
      name: "orders",
      call: () => take(shop.GET("/v1/customers/{customerId}/orders", { params: { path: { customerId: id }, query: { pageSize: 3 } } })),
    },
    {
      name: "recommendations",
      call: () => take(shop.GET("/v1/products", { params: { query: { filter: "featured = true", orderBy: "rating desc", pageSize: 6 } } })),
    },
    { name: "promotions", call: () => take(shop.GET("/v1/promotions", { params: { query: { pageSize: 3 } } })) },
  ];
}

const lanes = ["One call", "Five calls at once", "Five calls, one after the other"];

function Lanes({ runs }: { runs: Measured[] }) {
  const longest = Math.max(1, ...runs.flatMap(({ spans }) => spans.map(({ end }) => end)));
  return (
    <ol class="lanes" aria-live="polite">
      {lanes.map((name) => {
        const run = runs.find((r) => r.name === name);
        const end = Math.max(0, ...(run?.spans ?? []).map((span) => span.end));
        return (
          <li key={name}>
            <p>
              <strong>{name}</strong> <span class="time">{run ? `${Math.round(end)} ms` : ""}</span>
            </p>
            <div class="tracks" aria-hidden="true">
              {(run?.spans ?? [undefined]).map((span, i) => (
                <Bar key={i} span={span} longest={longest} />
              ))}
            </div>
            <p class="faint small">{run ? tell(run) : " "}</p>
          </li>
        );
      })}
    </ol>
  );
}

function Bar({ span, longest }: { span: Span | undefined; longest: number }) {
  const percent = (n: number) => `${(100 * n) / longest}%`;
  return (
    <div class="track">
      {span && (
        <div class={span.failed ? "span failed" : "span"} style={{ marginLeft: percent(span.begin), width: percent(span.end - span.begin) }} />
      )}
    </div>
  );
}

function tell({ text, spans }: Measured): string {
  const failed = spans.filter((span) => span.failed).length;
  const kilobytes = spans.reduce((sum, { bytes }) => sum + bytes, 0) / 1000;
  return [text, `${kilobytes.toFixed(1)} kB of JSON`, failed ? `${failed} failed` : ""].filter(Boolean).join(" · ");
}
