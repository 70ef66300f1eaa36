import { useState } from "preact/hooks";

import { clientOf, type Product, type Profile, shop, take } from "../api.js";
import { asFailure, type Failure } from "../failure.js";
import { useLoaded } from "../loaded.js";
import { Refused } from "../parts/notice.js";
import { type Caller, callers, mira, session, sessionOf } from "../session.js";
import { capital, count, day, price } from "../words.js";

export function AccountScreen() {
  const { caller, subject } = session.use();
  const asked = subject.startsWith("c-") ? subject : mira;
  const { value, failure, again } = useLoaded(() => take(shop.GET("/v1/profiles/{id}", { params: { path: { id: asked } } })), [asked]);
  return (
    <>
      <header class="screen-title">
        <h1>Who sees what</h1>
        <p class="faint">
          You are {caller ? caller.says : "nobody yet"}. Below is what the edge lets you see of customer {asked}.
        </p>
      </header>
      {failure && <Refused failure={failure} again={again} />}
      {value && <Customer profile={value} />}
      {!value && !failure && <div class="bone block" aria-busy="true" />}
      <Everybody />
    </>
  );
}

function Customer({ profile }: { profile: Profile }) {
  const { displayName, email, phone, addresses, preferences, createTime, passwordHash, fraudScore, debugInfo } = profile;
  const home = addresses[0];
  return (
    <section class="profile" aria-label="Profile">
      <dl>
        <Row label="Name" value={displayName} />
        <Row label="Mail" value={email} />
        <Row label="Telephone" value={phone} />
        <Row label="Address" value={home && [...home.lines, home.city].join(", ")} />
        <Row label="Loyalty card" value={preferences?.loyaltyCard ?? undefined} />
        <Row label="Customer since" value={createTime && day(createTime)} />
      </dl>
      <dl class="internal">
        <Row label="Password hash" value={passwordHash} kept />
        <Row label="Fraud score" value={fraudScore?.toFixed(2)} kept />
        <Row label="Debug info" value={debugInfo && JSON.stringify(debugInfo)} kept />
      </dl>
    </section>
  );
}

// Row shows a field. One that is kept within the shop is not even in the answer for others.
function Row({ label, value, kept = false }: { label: string; value?: string | undefined; kept?: boolean }) {
  return (
    <div>
      <dt>
        {label} {kept && <span class="tag">internal</span>}
      </dt>
      <dd class={value ? "" : "faint"}>{value ?? (kept ? "not in the answer" : "not given")}</dd>
    </div>
  );
}

interface Seen {
  name: string;
  answers: string[];
}

const questions = ["A product's price", "Its wholesale price", "Mira's cart", "Mira's profile", "Her password hash"];

// Everybody makes the same three calls as each caller, and shows what each gets.
function Everybody() {
  const [seen, setSeen] = useState<Seen[]>();
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  const ask = async () => {
    setBusy(true);
    try {
      setSeen(await Promise.all([undefined, ...callers].map(askAs)));
      setFailure(undefined);
    } catch (thrown) {
      setFailure(asFailure(thrown));
    }
    setBusy(false);
  };
  return (
    <section class="everybody" aria-labelledby="everybody">
      <header class="title">
        <h2 id="everybody">The same calls, four callers</h2>
        <button type="button" class="button quiet" onClick={ask} disabled={busy}>
          {seen ? "Ask again" : "Ask as all four"}
        </button>
      </header>
      <p class="faint">One product, one cart and one profile, with each one's token. The services behind are the same; the edge decides.</p>
      {failure && <Refused failure={failure} again={ask} />}
      <div class="scroll" role="status">
        <table>
          <thead>
            <tr>
              <td />
              {["nobody", ...callers.map(({ name }) => name)].map((name) => (
                <th key={name} scope="col">
                  {capital(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {questions.map((question, i) => (
              <tr key={question}>
                <th scope="row">{question}</th>
                {[undefined, ...callers].map((_, column) => {
                  const answer = seen?.[column]?.answers[i];
                  return (
                    <td key={column} class={!answer || refusals.has(answer) ? "no" : "yes"}>
                      {answer ?? "–"}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const refusals = new Set(["sign in", "not yours", "left out"]);

async function askAs(caller: Caller | undefined): Promise<Seen> {
  const who = await sessionOf(caller);
  const client = clientOf(() => who);
  const product: Promise<Product> = take(client.GET("/v1/products/{id}", { params: { path: { id: "copper-saucepan" } } }));
  const cart = take(client.GET("/v1/carts/{id}", { params: { path: { id: mira } } }));
  const profile: Promise<Profile> = take(client.GET("/v1/profiles/{id}", { params: { path: { id: mira } } }));
  const answers = await Promise.all([
    told(product, (p) => p.price && price(p.price)),
    told(product, (p) => p.wholesalePrice && price(p.wholesalePrice)),
    told(cart, ({ pieceCount }) => count(pieceCount, "piece")),
    told(profile, ({ displayName }) => displayName),
    told(profile, ({ passwordHash }) => passwordHash && passwordHash.slice(0, 6) + "…"),
  ]);
  return { name: caller?.name ?? "nobody", answers };
}

// told is what a call tells, or why it does not.
async function told<T>(call: Promise<T>, read: (answer: T) => string | undefined): Promise<string> {
  try {
    return read(await call) ?? "left out";
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.status === 401) return "sign in";
    if (failure.status === 403) return "not yours";
    throw failure;
  }
}
