// The page /docs: Swagger UI on the OpenAPI document that the page names.
import SwaggerUI from "swagger-ui-dist/swagger-ui-bundle.js";
import "./docs.css";

const page = document.getElementById("console");

SwaggerUI({
  domNode: page,
  url: page.dataset.openapi,
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null, // the default asks a public validator
});
