import { useEffect, useRef, useState } from "preact/hooks";

import type { ChatResponse } from "../api.js";
import { Icon } from "../parts/icon.js";
import { Notice } from "../parts/notice.js";
import { Picture } from "../parts/product.js";
import { askToSignIn } from "../parts/signin.js";
import { session } from "../session.js";
import { Talk } from "../talk.js";

interface Line {
  own: boolean;
  text: string;
  card?: ChatResponse["card"];
}

export function SupportScreen() {
  const { caller } = session.use();
  const [conversation, setConversation] = useState(0);
  if (!caller) {
    return (
      <Notice icon="send" title="Somebody is at the desk">
        <p>They would like to know whom they are talking to.</p>
        <p class="actions">
          <button type="button" class="button" onClick={() => askToSignIn()}>
            Sign in
          </button>
        </p>
      </Notice>
    );
  }
  return <Conversation key={conversation} startAgain={() => setConversation((n) => n + 1)} />;
}

function Conversation({ startAgain }: { startAgain: () => void }) {
  const [lines, setLines] = useState<Line[]>([]);
  const [suggestions, setSuggestions] = useState<string[]>([]);
  const [end, setEnd] = useState<string>(); // why it is over, once it is
  const [text, setText] = useState("");
  const talk = useRef<Talk>(null);
  const log = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const heard = (answer: ChatResponse) => {
      setLines((before) => [...before, { own: false, text: answer.text, card: answer.card }]);
      setSuggestions(answer.suggestions);
    };
    const current = new Talk({ heard, ended: setEnd });
    talk.current = current;
    return () => current.leave();
  }, []);
  useEffect(() => log.current?.lastElementChild?.scrollIntoView({ block: "nearest" }), [lines]);

  const say = (words: string) => {
    if (!words.trim() || end !== undefined) return;
    talk.current?.say({ text: words });
    setLines((before) => [...before, { own: true, text: words }]);
    setSuggestions([]);
    setText("");
  };
  return (
    <div class="support">
      <header class="screen-title">
        <h1>Support</h1>
        <p class="faint">An assistant with a script, over a WebSocket.</p>
      </header>
      <div role="log" aria-label="Conversation">
      <ol ref={log} class="log">
        {lines.map(({ own, text: words, card }, i) => (
          <li key={i} class={own ? "own" : ""}>
            <p>
              <span class="hidden">{own ? "You: " : "Support: "}</span>
              {words}
            </p>
            {card && <Card card={card} />}
          </li>
        ))}
      </ol>
      </div>
      {end === undefined ? (
        <>
          <p class="suggestions">
            {suggestions.map((words) => (
              <button key={words} type="button" class="chip" onClick={() => say(words)}>
                {words}
              </button>
            ))}
          </p>
          <form class="say" onSubmit={(event) => (event.preventDefault(), say(text))}>
            <input aria-label="Your message" placeholder="Ask about a lamp, a parcel, a refund" autocomplete="off" value={text}
              onInput={(event) => setText(event.currentTarget.value)} />
            <button type="submit" class="button" aria-label="Send" disabled={!lines.length}>
              <Icon name="send" />
            </button>
          </form>
        </>
      ) : (
        <p class="over" role="status">
          {end || "The conversation is over."}{" "}
          <button type="button" class="button quiet" onClick={startAgain}>
            Start another
          </button>
        </p>
      )}
    </div>
  );
}

// Card shows the product or the order that an answer points to. One of another kind is left out.
function Card({ card }: { card: NonNullable<ChatResponse["card"]> }) {
  const kind = card["@type"]?.split(".").pop();
  if (kind === "ProductCard") {
    const id = String(card["productId"]);
    return (
      <a class="pointer" href={"#/products/" + id}>
        <Picture id={id} />
        <span>
          {String(card["name"])}
          <span class="faint small">Have a look</span>
        </span>
      </a>
    );
  }
  if (kind === "OrderCard") {
    const id = String(card["orderId"]);
    return (
      <a class="pointer" href={"#/orders/" + id}>
        <span class="roundel">
          <Icon name="van" />
        </span>
        <span>
          {id}
          <span class="faint small">Follow it live</span>
        </span>
      </a>
    );
  }
  return null;
}
