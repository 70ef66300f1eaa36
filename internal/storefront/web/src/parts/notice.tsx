// What is said where something could not be shown.
import type { ComponentChildren } from "preact";

import type { Failure } from "../failure.js";
import { askToSignIn } from "../parts/signin.js";
import { session } from "../session.js";
import { useCountdown } from "./countdown.js";
import { Icon, type IconName } from "./icon.js";

interface Said {
  icon: IconName;
  title: string;
  children?: ComponentChildren;
}

export function Notice({ icon, title, children }: Said) {
  return (
    <div class="notice">
      <span class="roundel">
        <Icon name={icon} />
      </span>
      <h2>{title}</h2>
      {children}
    </div>
  );
}

// Refused tells people why a call failed, and what they can do about it.
export function Refused({ failure, again }: { failure: Failure; again?: () => void }) {
  const left = useCountdown(failure);
  const retry = again && (
    <button type="button" class="button" onClick={again} disabled={left > 0}>
      {left > 0 ? `Try again in ${left} s` : "Try again"}
    </button>
  );
  return (
    <div role="alert">
      <Notice icon={icons[failure.status] ?? "cloud"} title={titleOf(failure)}>
        <p>{explanationOf(failure)}</p>
        <p class="actions">
          {failure.status === 401 || failure.status === 403 ? (
            <button type="button" class="button" onClick={() => askToSignIn()}>
              {failure.status === 401 ? "Sign in" : "Be somebody else"}
            </button>
          ) : (
            failure.status !== 404 && retry
          )}
        </p>
        {failure.requestId && <p class="faint small">Request {failure.requestId}</p>}
      </Notice>
    </div>
  );
}

const icons: Record<number, IconName> = { 401: "lock", 403: "lock", 404: "nothing", 429: "clock" };

function titleOf({ status }: Failure): string {
  switch (status) {
    case 0:
      return "Nobody answers";
    case 401:
      return "Please sign in first";
    case 403:
      return "This is not yours to see";
    case 404:
      return "There is nothing here";
    case 429:
      return "One moment, please";
    default:
      return "Something went wrong on our side";
  }
}

function explanationOf({ status, message }: Failure): string {
  switch (status) {
    case 401:
      return "It belongs to a customer, and we do not know yet who you are.";
    case 403:
      return `You are signed in as ${session.value.caller?.says ?? "nobody"}, who may not see it.`;
    case 404:
      return "It may have been sold out and put away.";
    case 429:
      return "That was a lot in a short time. It goes on by itself in a few seconds.";
    case 0:
      return message + " Is the edge still running?";
    default:
      return "We could not load this. Trying again often helps.";
  }
}
