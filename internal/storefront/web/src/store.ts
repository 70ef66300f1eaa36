// What several parts of the page share.
import { useEffect, useState } from "preact/hooks";

// Store keeps a value and tells those who use it when it changes.
export class Store<T> {
  private users = new Set<(value: T) => void>();

  constructor(public value: T) {}

  set(value: T): void {
    this.value = value;
    for (const user of this.users) user(value);
  }

  // use is a hook: it renders its component again when the value changes.
  use(): T {
    const [value, show] = useState(() => this.value);
    useEffect(() => {
      show(() => this.value); // it may have changed between the rendering and now
      const user = (next: T) => show(() => next);
      this.users.add(user);
      return () => void this.users.delete(user);
    }, []);
    return value;
  }
}
