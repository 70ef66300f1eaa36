// A conversation over a WebSocket. A browser sets no headers on one, so the token goes along as a sub-protocol.
import type { ChatRequest, ChatResponse } from "./api.js";
import { session } from "./session.js";

export interface Listener {
  heard: (answer: ChatResponse) => void;
  ended: (reason: string) => void; // empty if all is said
}

export class Talk {
  private readonly socket: WebSocket;

  constructor({ heard, ended }: Listener) {
    this.socket = new WebSocket(location.origin.replace(/^http/, "ws") + "/v1/support/chat", [
      "gatehouse",
      "bearer." + session.value.token,
    ]);
    let reason = "";
    this.socket.onmessage = ({ data }: MessageEvent<string>) => {
      const message: ChatResponse | { error: { message: string } } = JSON.parse(data);
      if ("error" in message) reason = message.error.message;
      else heard(message);
    };
    this.socket.onclose = ({ code }) => ended(code === 1000 ? "" : reason || "The line is broken.");
  }

  say(request: ChatRequest): void {
    this.socket.send(JSON.stringify(request));
  }

  // leave hangs up; nothing is heard or ended behind it.
  leave(): void {
    this.socket.onmessage = this.socket.onclose = null;
    this.socket.close();
  }
}
