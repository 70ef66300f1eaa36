// Shows the documents that the page names. What is off would ask other hosts, or send readers there.
"use strict";

const sources = JSON.parse(document.getElementById("sources").textContent);

// An anchor names its document only where there are several. Without a name, it means the reader's own one.
const named = (anchor) => anchor.replace(/^#(?=(tag|description|models)\b)/, `#${sources[0].slug}/`);

// Scalar would send an example, or the first value of an enum, for each parameter that a call does not need: the fields of
// something else, a tag that nothing has. Examples move to the description, and a parameter waits for a reader's value.
const wait = (parameter) => {
  if (!parameter.schema || parameter.required || parameter.in === "path") return;
  const { example, examples, ...schema } = parameter.schema;
  const known = [parameter.example, ...Object.values(parameter.examples ?? {}).map(({ value }) => value), example, ...(examples ?? [])];
  const shown = known.filter((value) => value !== undefined).map((value) => `\`${typeof value === "string" ? value : JSON.stringify(value)}\``);
  if (shown.length) parameter.description = [parameter.description, `For example: ${shown.join(", ")}`].filter(Boolean).join("\n\n");
  delete parameter.example;
  delete parameter.examples;
  parameter.schema = schema;
  if (schema.$ref || schema.enum) parameter.examples = { default: {} }; // reference.css hides it
};

const waitAll = (parameters) => Object.values(parameters ?? {}).forEach(wait);

const load = async (resource, options) => {
  const response = await fetch(resource, options);
  const { pathname } = new URL(resource.url ?? resource, location);
  if (!response.ok || !sources.some((source) => source.url === pathname)) return response;
  const api = await response.json();
  waitAll(api.components?.parameters);
  for (const path of Object.values(api.paths ?? {})) {
    waitAll(path.parameters);
    for (const operation of Object.values(path)) waitAll(operation.parameters);
  }
  return Response.json(api);
};

Scalar.createApiReference("#reference", {
  sources,
  customFetch: load,
  documentDownloadType: "direct",
  orderSchemaPropertiesBy: "preserve",
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
