import type { JsonSchema } from "./field.ts";
import { configuration } from "./keys.ts";

/**
 * The configuration as JSON Schema 2020-12, for editors. It comes from the table that the checks come from.
 * `engines`: a schema of the settings, by engine name, for the engines that describe theirs.
 */
export function configJsonSchema(engines: Readonly<Record<string, JsonSchema>> = {}): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "dotvault",
    ...configuration.schema,
    ...(Object.keys(engines).length === 0 ? {} : { allOf: [settingsByEngine(engines)] }),
  };
}

function settingsByEngine(engines: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const cases = Object.entries(engines).map(([name, settings]) => ({
    if: { properties: { engine: { const: name } }, required: ["engine"] },
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema's keyword
    then: { properties: { settings }, ...("required" in settings && { required: ["settings"] }) },
  }));
  return { properties: { enrolments: { additionalProperties: { allOf: cases } } } };
}
