// The rules of @graphql-eslint's schema-recommended and schema-relay, with the two options that fit
// this schema: edges may be looked at without a list type around them, and values have no id.
import graphql from "@graphql-eslint/eslint-plugin";

const { "flat/schema-recommended": recommended, "flat/schema-relay": relay } = graphql.configs;

export default [
  {
    files: ["**/*.graphql"],
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema: "schema.graphql" } } },
    plugins: { "@graphql-eslint": graphql },
    rules: {
      ...recommended.rules,
      ...relay.rules,
      "@graphql-eslint/relay-edge-types": ["error", { listTypeCanWrapOnlyEdgeType: false }],
      "@graphql-eslint/strict-id-in-types": ["error", {
        exceptions: { types: ["BaseToken", "Interaction", "Interest", "PageInfo", "Reason", "ScoredPost", "ScorePart"], suffixes: ["Connection", "Edge", "Payload", "Result"] },
      }],
    },
  },
];
