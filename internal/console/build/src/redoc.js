// The page /redoc: Redoc on the OpenAPI document that the page names.
import { init } from "redoc/bundles/redoc.standalone.js";
import "./redoc.css";

const page = document.getElementById("console");
const text = "system-ui, sans-serif";
const code = "ui-monospace, Menlo, Consolas, monospace";

init(
  page.dataset.openapi,
  {
    hideLoading: true,
    theme: { typography: { fontFamily: text, headings: { fontFamily: text }, code: { fontFamily: code } } },
  },
  page,
);
