// Opens the pages of a server in a headless Chromium and fails unless each shows what it is for,
// under the server's own Content-Security-Policy and without a word in the browser's console:
// node pages.mjs http://127.0.0.1:8000
import puppeteer from "puppeteer-core";

const base = process.argv[2];
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});

const live = `subscription Live { feedUpdated(username: "mira") { edges { node { title } } } }`;

// run executes what stands in GraphiQL's editor, once it stands there, and waits for an answer with a word in it.
async function run(page, word) {
  await page.waitForFunction(() => document.querySelector(".graphiql-query-editor .view-lines")?.textContent.includes("feed"));
  await page.waitForSelector(".graphiql-execute-button:not([disabled])");
  await page.click(".graphiql-execute-button");
  await page.waitForFunction((word) => document.querySelector(".result-window")?.textContent.includes(word), {}, word);
}

// What each page shows once it works.
const pages = {
  "/playground": async (page) => {
    await run(page, "title");
  },
  // A subscription in GraphiQL runs over a WebSocket; EventSource gets the same.
  "/playground?subscribe": async (page) => {
    await page.evaluateOnNewDocument((query) => {
      const tab = { id: "1", hash: null, title: "Live", query, variables: "", headers: null, operationName: "Live", response: null };
      localStorage.clear();
      localStorage.setItem("graphiql:query", query);
      localStorage.setItem("graphiql:tabState", JSON.stringify({ tabs: [tab], activeTabIndex: 0 }));
    }, live);
    await page.reload();
    await run(page, "feedUpdated");
    await page.click(".graphiql-execute-button"); // stops it
    const event = await page.evaluate((query) => new Promise((resolve, reject) => {
      const source = new EventSource(`/graphql?query=${encodeURIComponent(query)}`);
      source.addEventListener("next", ({ data }) => resolve(data) ?? source.close());
      source.onerror = () => reject(new Error("EventSource failed"));
    }), live);
    if (!JSON.parse(event).data.feedUpdated.edges.length) throw new Error(event);
  },
  "/docs": async (page) => {
    await page.waitForFunction(() => document.body.textContent.includes("/feed"));
    const operation = await page.waitForSelector("#operations-feed-getFeed .opblock-summary");
    await operation.click();
    await page.waitForSelector("#operations-feed-getFeed .opblock-body");
  },
  "/redoc": (page) => page.waitForFunction(() => document.body.textContent.includes("The feed of one user")),
};

let failed = 0;
for (const [path, works] of Object.entries(pages)) {
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000); // on a busy machine
  const complaints = [];
  page.on("console", (message) => ["error", "warn"].includes(message.type()) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("requestfailed", (request) => complaints.push(`${request.url()} failed`));
  page.on("request", (request) => request.url().startsWith(base) || /^(data|blob):/.test(request.url()) || complaints.push(`asks ${request.url()}`));
  const response = await page.goto(base + path);
  if (!response.headers()["content-security-policy"]) complaints.push("has no Content-Security-Policy");
  await works(page).catch((error) => complaints.push(String(error)));
  for (const complaint of complaints) console.error(`${path}: ${complaint}`);
  failed += complaints.length > 0;
  await page.close();
}
await browser.close();
console.log(`pages in Chromium: ${Object.keys(pages).length - failed} of ${Object.keys(pages).length}`);
process.exit(failed > 0 ? 1 : 0);
