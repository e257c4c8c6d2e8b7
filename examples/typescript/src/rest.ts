// A feed over REST, typed by the OpenAPI document: node build/rest.js [http://127.0.0.1:8000]
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { paths } from "./generated/openapi.js";

const key = process.env["RESONANCE_KEY"];
const client = createClient<paths>({
  baseUrl: process.argv[2] ?? "http://127.0.0.1:8000",
  headers: key ? { authorization: `Bearer ${key}` } : {},
});

// feed returns a page of a user's feed and the cursor of the next one, "" for the first and behind the last.
async function feed(username: string, cursor = "") {
  const { data, error, response } = await client.GET("/feed", { params: { query: { username, top_k: 5, cursor } } });
  if (error) throw new Error(`${error.status}: ${error.detail}`);
  const next = /<([^>]+)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1];
  return { posts: data.post, next: next ? (new URL(next, response.url).searchParams.get("cursor") ?? "") : "" };
}

const username = `rest-example-${crypto.randomUUID()}`; // somebody new

const first = await feed(username);
console.log(`${username} has never been here, and gets`);
for (const post of first.posts) console.log(`  ${post.title} (${post.owner.name})`);
assert.equal(first.posts.length, 5);

const liked = first.posts[0]!;
const once = { username, post_id: liked.id, kind: "like" as const, idempotency_key: crypto.randomUUID() };
for (const status of ["accepted", "duplicate"]) {
  const { data } = await client.POST("/interactions", { body: once }); // sent again, it counts once
  assert(data && "status" in data && data.status === status);
}

const next = await feed(username);
console.log(`after a like of ${liked.title} the next feed begins with`);
console.log(`  ${next.posts[0]!.title}`);
assert(next.posts.every(({ id }) => id !== liked.id));

const second = await feed(username, next.next);
console.log("the page behind it goes on with");
for (const post of second.posts) console.log(`  ${post.title}`);
const shown = new Set(next.posts.map(({ id }) => id));
assert(second.posts.length === 5 && second.posts.every(({ id }) => !shown.has(id)));

const { error } = await client.POST("/interactions", { body: { ...once, post_id: 404404404, idempotency_key: crypto.randomUUID() } });
assert.equal(error?.status, 404); // the status is what a program decides by
console.log(`a like of a post that does not exist is ${error.status}: ${error.detail}`);
