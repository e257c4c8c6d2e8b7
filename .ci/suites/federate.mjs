// Composes the schema that a server tells gateways with that of a small second subgraph, and asks through
// Apollo's gateway what takes both: node federate.mjs http://127.0.0.1:8000/graphql [KEY]
import { composeServices } from "@apollo/composition";
import { ApolloGateway, RemoteGraphQLDataSource } from "@apollo/gateway";
import { parse } from "graphql";
import { createHash } from "node:crypto";

const [url, key] = process.argv.slice(2);
const headers = { "content-type": "application/json", ...(key && { authorization: `Bearer ${key}` }) };

async function ask(query, variables) {
  const answer = await (await fetch(url, { method: "POST", headers, body: JSON.stringify({ query, variables }) })).json();
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer.data;
}

// The second subgraph keeps notes on what the first one knows.
const notes = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])
  type Query { notes: [Note!]! }
  type Note { text: String! post: Post! owner: Owner! category: Category! topic: Topic }
  type Post @key(fields: "id") { id: ID! notes: [String!]! }
  type Owner @key(fields: "id") { id: ID! fans: Int! }
  type Category @key(fields: "id") { id: ID! rank: Int! }
  type Topic @key(fields: "id", resolvable: false) { id: ID! }
  type PageInfo @shareable { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
`;

const { _service: { sdl } } = await ask("{ _service { sdl } }");
const { errors, supergraphSdl, hints } = composeServices([
  { name: "resonance", url, typeDefs: parse(sdl) },
  { name: "notes", url: "http://notes.invalid", typeDefs: parse(notes) },
]);
if (errors || hints.length > 0) {
  for (const { message } of errors ?? hints) console.error(message);
  process.exit(1);
}

const { feed } = await ask(`{ feed(username: "mira", topK: 2) { id title owner { id name } category { id name } } }`);
const noted = feed.map(({ id, owner, category }) => ({
  text: `on ${id}`, post: { __typename: "Post", id }, owner: { __typename: "Owner", id: owner.id }, category: { __typename: "Category", id: category.id },
}));
const notesService = {
  process: ({ request: { variables } }) => ({
    data: variables?.representations
      ? { _entities: variables.representations.map(({ __typename, id }) => ({ __typename, notes: [`on ${id}`], fans: 3, rank: 1 })) }
      : { notes: noted },
  }),
};
const resonance = new RemoteGraphQLDataSource({ url, willSendRequest: ({ request }) => key && request.http.headers.set("authorization", headers.authorization) });
const gateway = new ApolloGateway({ supergraphSdl, buildService: ({ name }) => (name === "notes" ? notesService : resonance) });
const { schema, executor } = await gateway.load();

async function through(query) {
  const { data, errors } = await executor({
    schema, document: parse(query), request: { query }, queryHash: createHash("sha256").update(query).digest("hex"), context: {}, metrics: {},
  });
  if (errors) throw new Error(JSON.stringify(errors));
  return JSON.parse(JSON.stringify(data));
}

function same(what, got, want) {
  if (JSON.stringify(got) === JSON.stringify(want)) return;
  console.error(`${what}: ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
  process.exit(1);
}

// From the first subgraph into the second ...
same("notes of a feed",
  await through(`{ feed(username: "mira", topK: 2) { title notes owner { fans } category { rank } } }`),
  { feed: feed.map(({ id, title }) => ({ title, notes: [`on ${id}`], owner: { fans: 3 }, category: { rank: 1 } })) });
// ... and back: here the gateway asks _entities for posts, owners and categories.
same("posts of notes",
  await through(`{ notes { text post { title } owner { name } category { name } } }`),
  { notes: feed.map(({ id, title, owner, category }) => ({ text: `on ${id}`, post: { title }, owner: { name: owner.name }, category: { name: category.name } })) });
await gateway.stop();
console.log("federation: composed without a hint, asked through a gateway both ways");
