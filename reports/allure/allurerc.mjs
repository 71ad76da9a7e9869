// Configuration of the HTML report. What differs from run to run comes from the environment (see reporting/html.py).

const has = (labels, name, value) => labels.some((label) => label.name === name && label.value === value);

const environments = Object.fromEntries(
  JSON.parse(process.env.CONFORM_ENVIRONMENTS ?? "[]").map(({ id, name, apiVersion, target }) => [
    id,
    { name, matcher: ({ labels }) => has(labels, "apiVersion", apiVersion) && has(labels, "target", target) },
  ]),
);

export default {
  name: "API conformance",
  environments,
  hideLabels: ["host", "thread", "framework", "language", "parentSuite", "suite", "subSuite"],
  categories: [
    { name: "Contract violations", matchers: { statuses: ["failed"] }, groupBy: [{ label: "tag" }], groupByMessage: true },
    { name: "Target or suite problems", matchers: { statuses: ["broken"] }, groupByMessage: true },
    { name: "Not tested", matchers: { statuses: ["skipped"] }, groupByMessage: true },
  ],
  plugins: {
    awesome: { options: { singleFile: true, groupBy: ["layer", "feature"], reportLanguage: "en" } },
  },
};
