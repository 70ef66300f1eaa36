// Server-sent events, read by fetch: an EventSource can not send a token.
import { type OrderChange, shop, takeWhole } from "./api.js";
import { asFailure } from "./failure.js";

interface ServerEvent {
  id: string;
  name: string;
  data: string;
}

// events reads text/event-stream (HTML Living Standard, section 9.2).
export async function* events(stream: ReadableStream<BufferSource>): AsyncGenerator<ServerEvent> {
  let rest = "";
  let event: ServerEvent = { id: "", name: "message", data: "" };
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split(/\r?\n/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (event.data) yield event;
        event = { id: event.id, name: "message", data: "" };
        continue;
      }
      const [, field, value = ""] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
      if (field === "id") event.id = value;
      if (field === "event") event.name = value;
      if (field === "data") event.data += value;
    }
  }
}

export interface Watcher {
  changed: (change: OrderChange) => void;
  connected: (yes: boolean) => void;
}

const pause = 3000; // before it connects again, in milliseconds

// watchOrder tells of each step of an order until it takes no more, or nobody wants to know. A connection that is lost is
// made again, from the last event on. What no new attempt changes is thrown.
export async function watchOrder(id: string, { changed, connected }: Watcher, signal: AbortSignal): Promise<void> {
  let last = "";
  while (!signal.aborted) {
    try {
      const { data } = await takeWhole(
        shop.GET("/v1/orders/{id}:watch", {
          params: { path: { id }, header: last ? { "Last-Event-ID": last } : {} },
          headers: { Accept: "text/event-stream, application/problem+json;q=0.9" },
          parseAs: "stream",
          signal,
        }),
      );
      connected(true);
      for await (const event of events(data as ReadableStream<BufferSource>)) {
        if (event.name === "end") return;
        if (event.name !== "message") break; // it failed on the way
        last = event.id;
        changed(JSON.parse(event.data));
      }
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (signal.aborted) return;
      if (failure.status >= 400 && failure.status < 500) throw failure;
    }
    connected(false);
    await new Promise((later) => setTimeout(later, pause));
  }
}

