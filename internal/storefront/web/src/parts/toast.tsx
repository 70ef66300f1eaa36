// Short news at the edge of the window, which screen readers say, too.
import { useEffect } from "preact/hooks";

import { place } from "../route.js";
import { Store } from "../store.js";

const news = new Store({ text: "", link: "", label: "" });
const shownFor = 5000; // milliseconds

// say shows a text for a while, with a link if there is somewhere to go.
export function say(text: string, link = "", label = ""): void {
  news.set({ text, link, label });
}

export function Toast() {
  const latest = news.use();
  const { text, link, label } = latest;
  const at = place.use();
  useEffect(() => say(""), [at]); // it was about the screen before
  useEffect(() => {
    if (!text) return;
    const timer = setTimeout(() => say(""), shownFor);
    return () => clearTimeout(timer);
  }, [latest]);
  return (
    <div class="toast" role="status" aria-live="polite">
      {text && (
        <p>
          {text} {link && <a href={link}>{label}</a>}
        </p>
      )}
    </div>
  );
}
