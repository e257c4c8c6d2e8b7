// Asks a server what graphql-http's audit asks: node audit.mjs http://127.0.0.1:8000/graphql [KEY]
import { serverAudits } from "graphql-http";

const [url, key] = process.argv.slice(2);
const ask = (input, { headers, ...rest } = {}) =>
  fetch(input, { ...rest, headers: key ? { ...headers, authorization: `Bearer ${key}` } : headers });
const results = [];
for (const audit of serverAudits({ url, fetchFn: ask })) {
  const result = await audit.fn();
  results.push(result);
  if (result.status !== "ok") console.error(`${audit.id} ${result.status}: ${audit.name}: ${result.reason}`);
}
const ok = results.filter(({ status }) => status === "ok").length;
console.log(`graphql-http audit: ${ok} of ${results.length}`);
if (ok !== 61 || results.length !== 61) process.exit(1);
