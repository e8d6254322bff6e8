// The API console: the server's own document, calls by the session of whoever is signed in, nothing from elsewhere.
const reading = new Set(["GET", "HEAD", "OPTIONS"]);
let token = "";

const dark = matchMedia("(prefers-color-scheme: dark)");
function follow() { // the console's own style sheet has dark colours under this class
  if (document.documentElement.dataset.theme === "auto") document.documentElement.classList.toggle("dark-mode", dark.matches);
}
dark.addEventListener("change", follow);
follow();

async function sessionToken() {
  const answer = await fetch("/api/v1/me", { headers: { Accept: "application/json" } });
  return answer.ok ? (await answer.json()).csrf ?? "" : "";
}

async function prepared(request) {
  const own = new URL(request.url, location.origin).origin === location.origin;
  if (own && !request.loadSpec && !reading.has(request.method?.toUpperCase() ?? "GET")) {
    token ||= await sessionToken();
    request.headers["X-CSRF-Token"] = token;
  }
  return request;
}

window.SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#console",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  docExpansion: "list",
  displayRequestDuration: true,
  filter: true,
  validatorUrl: null,
  requestInterceptor: prepared,
});
