import { AsksFor, inThread } from "../aside.ts";
import { TemplateError } from "./errors.ts";
import type { TemplateEnvironment } from "./functions/function.ts";
import type { RenderOptions, Template } from "./template.ts";

/**
 * Steps that a rendering may take where everything else waits for it; a dotfile takes some hundred. The dearest that were
 * found (`printf` in a loop) take 40 ms together, one print of a document of a megabyte as much; a million steps take
 * up to five seconds.
 */
export const QUICK = 5_000;

/** Renders as {@link Template.render} does; what takes long, in a thread of its own, since a loop would hold up everything else. */
export async function renderAside(
  template: Template,
  data: unknown,
  environment: TemplateEnvironment,
  { singleLine = false }: RenderOptions = {},
): Promise<string> {
  try {
    return template.render(data, environment, { singleLine, steps: QUICK });
  } catch (error) {
    if (!(error instanceof TemplateError) || error.code !== "template.limit") throw error;
  }
  const { name, source } = template;
  const job = { what: "render", name, source, json: JSON.stringify(data), singleLine } as const;
  const env: Record<string, string | undefined> = {};
  for (;;) {
    try {
      return (await inThread({ ...job, env, username: environment.username })) as string;
    } catch (error) {
      if (!(error instanceof AsksFor)) throw error;
      env[error.variable] = environment.env(error.variable);
    }
  }
}
