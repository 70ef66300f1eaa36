import { useState } from "preact/hooks";

import { go, linkTo } from "../route.js";
import { Icon } from "./icon.js";

// SearchBox leads to the products whose names have the words, on a shelf or on all.
export function SearchBox({ words = "", shelf = "" }: { words?: string; shelf?: string }) {
  const [text, setText] = useState(words);
  return (
    <form role="search" class="search" onSubmit={(event) => (event.preventDefault(), go(linkTo("shelves" + (shelf && "/" + shelf), { words: text.trim() })))}>
      <Icon name="search" />
      <input type="search" aria-label="Look for" placeholder="A lamp, a pen, something in oak" value={text}
        onInput={(event) => setText(event.currentTarget.value)} />
      <button type="submit" class="button">
        Search
      </button>
    </form>
  );
}
