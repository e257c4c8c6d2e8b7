// A feed over GraphQL, typed by the schema: node build/graphql.js [http://127.0.0.1:8000]
import assert from "node:assert/strict";
import { graphql } from "./generated/index.js";
import type { TypedDocumentString } from "./generated/graphql.js";

const url = process.argv[2] ?? "http://127.0.0.1:8000";
const key = process.env["RESONANCE_KEY"];

// RequestError is an answer without data: code says of which kind it is, and is what a program decides by.
class RequestError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

type Answer<Result> = { data?: Result | null; errors?: { message: string; extensions: { code: string } }[] };

// ask sends a document and returns its data.
async function ask<Result, Variables>(document: TypedDocumentString<Result, Variables>, variables: Variables): Promise<Result> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: {
      accept: "application/graphql-response+json",
      "content-type": "application/json",
      ...(key && { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({ query: document, variables }),
  });
  const { data, errors } = (await response.json()) as Answer<Result>;
  const [error] = errors ?? [];
  if (error) throw new RequestError(error.extensions.code, error.message);
  if (!data) throw new RequestError("INTERNAL", `no data, status ${response.status}`);
  return data;
}

const feedPage = graphql(`
  query FeedPage($username: String!, $after: String) {
    feedConnection(username: $username, first: 5, after: $after) {
      edges {
        node {
          id
          title
          owner {
            name
          }
        }
        score
        reasons {
          kind
          text
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

const like = graphql(`
  mutation Like($username: String!, $postId: ID!, $idempotencyKey: String!) {
    recordInteraction(input: { username: $username, postId: $postId, kind: LIKE, idempotencyKey: $idempotencyKey }) {
      duplicate
    }
  }
`);

const username = `graphql-example-${crypto.randomUUID()}`; // somebody new

const { feedConnection: first } = await ask(feedPage, { username });
console.log(`${username} has never been here, and gets`);
for (const { node, reasons } of first.edges) console.log(`  ${node.title} (${node.owner.name}): ${reasons[0]?.text}`);
assert.equal(first.edges.length, 5);

const liked = first.edges[0]!.node;
const once = { username, postId: liked.id, idempotencyKey: crypto.randomUUID() };
assert.equal((await ask(like, once)).recordInteraction.duplicate, false);
assert.equal((await ask(like, once)).recordInteraction.duplicate, true); // sent again, it counts once

const { feedConnection: next } = await ask(feedPage, { username });
console.log(`after a like of ${liked.title} the next feed begins with`);
console.log(`  ${next.edges[0]!.node.title}: ${next.edges[0]!.reasons.map(({ text }) => text).join(", ")}`);
assert(next.edges.every(({ node }) => node.id !== liked.id));

const { feedConnection: second } = await ask(feedPage, { username, after: next.pageInfo.endCursor });
console.log("the page behind it goes on with");
for (const { node } of second.edges) console.log(`  ${node.title}`);
const shown = new Set(next.edges.map(({ node }) => node.id));
assert(second.edges.length === 5 && second.edges.every(({ node }) => !shown.has(node.id)));

try {
  await ask(like, { username, postId: "404404404", idempotencyKey: crypto.randomUUID() });
  assert.fail("a post that does not exist was liked");
} catch (error) {
  if (!(error instanceof RequestError) || error.code !== "NOT_FOUND") throw error;
  console.log(`a like of a post that does not exist is ${error.code}: ${error.message}`);
}
