// Shows the documents that the page names. What is off would ask other hosts, or send readers there.
"use strict";

const sources = JSON.parse(document.getElementById("sources").textContent);

// An anchor names its document only where there are several. Without a name, it means the reader's own one.
const named = (anchor) => anchor.replace(/^#(?=(tag|description|models)\b)/, `#${sources[0].slug}/`);

Scalar.createApiReference("#reference", {
  sources,
  redirect: sources.length > 1 ? named : undefined,
  telemetry: false,
  withDefaultFonts: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: "never",
  defaultHttpClient: { targetKey: "shell", clientKey: "curl" },
  // Samples are shown for curl, fetch, requests, net/http, and what Java and C# bring along.
  hiddenClients: {
    c: true,
    clojure: true,
    csharp: ["restsharp"],
    dart: true,
    fsharp: true,
    http: true,
    java: ["asynchttp", "okhttp", "unirest"],
    js: ["axios", "jquery", "ofetch", "xhr"],
    julia: true,
    kotlin: true,
    node: true,
    objc: true,
    ocaml: true,
    php: true,
    powershell: true,
    python: ["python3", "aiohttp", "httpx_sync", "httpx_async"],
    r: true,
    ruby: true,
    rust: true,
    shell: ["httpie", "wget"],
    swift: true,
  },
});
