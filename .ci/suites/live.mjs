// Watches a feed of a server through the clients of the protocols' own makers, graphql-ws and
// graphql-sse, and fails unless what each is told after a like is what a query answers:
// node live.mjs http://127.0.0.1:8000/graphql [KEY]
import { createClient as overSSE } from "graphql-sse";
import { createClient as overWebSocket } from "graphql-ws";
import WebSocket from "ws";

const [url, key] = process.argv.slice(2);
const authorization = key ? { authorization: `Bearer ${key}` } : {};
const variables = { username: "mira" };
const edges = "edges { node { databaseId upvoted } }";
const subscription = `subscription ($username: String!) { feedUpdated(username: $username) { ${edges} } }`;

async function ask(query, variables) {
  const headers = { "content-type": "application/json", ...authorization };
  const answer = await (await fetch(url, { method: "POST", headers, body: JSON.stringify({ query, variables }) })).json();
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer.data;
}

const feed = async () =>
  (await ask(`query ($username: String!) { feedConnection(username: $username) { ${edges} } }`, variables)).feedConnection;

const clients = {
  "graphql-ws": overWebSocket({ url: url.replace(/^http/, "ws"), webSocketImpl: WebSocket, connectionParams: authorization, retryAttempts: 0 }),
  "graphql-sse": overSSE({ url, headers: authorization, retryAttempts: 0 }),
};

// until reads pushes until one is what a query answers.
async function until(pushes, name) {
  const late = setTimeout(() => { console.error(`${name}: no push is what a query answers`); process.exit(1); }, 20_000);
  for (;;) {
    const { value, done } = await pushes.next();
    if (done || value.errors) throw new Error(`${name}: ${done ? "it ended" : JSON.stringify(value.errors)}`);
    if (JSON.stringify(value.data.feedUpdated) === JSON.stringify(await feed())) break;
  }
  clearTimeout(late);
}

for (const [name, client] of Object.entries(clients)) {
  const pushes = client.iterate({ query: subscription, variables });
  await until(pushes, name);
  for (let n = 0; n < 3; n++) {
    const id = (await feed()).edges[0].node.databaseId;
    await ask("mutation ($id: ID!) { recordInteraction(input: {username: \"mira\", postId: $id, kind: LIKE}) { duplicate } }", { id });
    await until(pushes, name);
  }
  const one = await client.iterate({ query: "{ categories { name } }" }).next(); // queries come over it too
  if (!one.value?.data?.categories.length) throw new Error(`${name}: ${JSON.stringify(one)}`);
  const wrong = await client.iterate({ query: "subscription { gone }" }).next().catch((errors) => ({ value: { errors } }));
  if (wrong.value.errors?.[0].extensions.code !== "GRAPHQL_VALIDATION_FAILED") throw new Error(`${name}: ${JSON.stringify(wrong)}`);
  await pushes.return();
  await client.dispose();
  console.log(`${name}: a feed follows likes`);
}
