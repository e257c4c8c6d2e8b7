// The page /playground: GraphiQL on the endpoint that the page names.
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import "./playground.css";

const workers = { graphql: "graphql.worker.js", json: "json.worker.js" };

globalThis.MonacoEnvironment = {
  getWorker: (_id, label) =>
    new Worker(new URL(workers[label] ?? "editor.worker.js", import.meta.url), { type: "module" }),
};

const page = document.getElementById("console");
const { endpoint, query, variables } = page.dataset;
const url = new URL(endpoint, location.href);
const socket = new URL(url);
socket.protocol = url.protocol === "https:" ? "wss:" : "ws:";

const fetcher = createGraphiQLFetcher({ url: url.href, subscriptionUrl: socket.href });

// A first visit finds the page's operation as if it had been typed here. GraphiQL's own props for
// that lose the variables when the page is loaded again.
if (localStorage.getItem("graphiql:tabState") === null) {
  localStorage.setItem("graphiql:query", query);
  localStorage.setItem("graphiql:variables", variables);
}

createRoot(page).render(createElement(GraphiQL, { fetcher }));
