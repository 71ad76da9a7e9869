// Configuration of the Allure report. What differs from run to run comes from a file (see reporting/writers/allure_settings.py).
import { readFileSync } from "node:fs";

const run = process.env.CONFORM_RUN ? JSON.parse(readFileSync(process.env.CONFORM_RUN, "utf8")) : {};

const label = (labels, name) => labels.find((each) => each.name === name)?.value;

const environments = Object.fromEntries(
  (run.environments ?? []).map(({ id, name, apiVersion, target }) => [
    id,
    { name, matcher: ({ labels }) => label(labels, "apiVersion") === apiVersion && label(labels, "target") === target },
  ]),
);

// Identify a result by its labels: hidden labels are not available to categories.
const itemLabels = ["aspect", "story", "apiVersion", "target"];
const categoryOf = ({ labels }) => run.members?.[itemLabels.map((name) => label(labels, name)).join("\n")];
const byCheck = { groupBy: [{ label: "tag" }], groupByMessage: true };

export default {
  name: "API conformance",
  environments,
  ...(run.historyPath && { historyPath: run.historyPath, historyLimit: 5, appendHistory: run.appendHistory }),
  ...(run.rules?.length && { resolutions: { knownIssuesPath: run.knownIssuesPath, rules: run.rules } }),
  variables: run.variables ?? {},
  hideLabels: ["host", "thread", "framework", "language", "parentSuite", "suite", "subSuite"],
  categories: [
    // One for each cause, as on the first page.
    ...(run.categories ?? []).map(({ id, name }) => ({
      id,
      name,
      matchers: (result) => categoryOf(result) === id,
      expand: true,
    })),
    { name: "Infrastructure", matchers: { statuses: ["broken"] }, groupByMessage: true },
    { name: "Contract violations", matchers: { statuses: ["failed"] }, ...byCheck },
    { name: "Not tested", matchers: { statuses: ["skipped"] }, groupByMessage: true },
  ],
  plugins: {
    awesome: { options: { singleFile: true, groupBy: ["layer", "feature"], reportLanguage: "en" } },
  },
};
