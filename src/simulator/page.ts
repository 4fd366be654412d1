import type { User } from "./users.ts";

export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const STYLE = `
  :root { color-scheme: light dark }
  body { font: 16px/1.5 system-ui, sans-serif; display: grid; place-items: center; min-height: 100vh; margin: 0 }
  main { width: 22rem; padding: 2rem; border: 1px solid #8886; border-radius: .75rem }
  h1 { font-size: 1.25rem; margin: 0 0 1rem }
  label { display: block; margin-top: 1rem }
  input { font: inherit; width: 100%; box-sizing: border-box; padding: .5rem; margin-top: .25rem }
  input[name=code] { font-family: ui-monospace, monospace; letter-spacing: .4em }
  button { font: inherit; margin-top: 1.5rem; width: 100%; padding: .6rem; border: 0; border-radius: .4rem; background: #3a7d2c; color: #fff }
  [role=alert] { color: #c0392b } small { opacity: .75 }`;

const document = (title: string, content: string): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}
</style></head>
<body><main><h1>${title}</h1>
${content}
</main></body>
</html>
`;

export interface LoginForm {
  /** The session's uuid: it stands in the page's own address already. */
  readonly session: string;
  /** Free text from the address. */
  readonly client: string;
  readonly users: readonly User[];
  readonly user?: string;
  /** What was wrong with the last try. */
  readonly problem?: string;
}

/** Where the user signs in and confirms the code that the terminal shows. It never shows the code itself. */
export function loginPage(form: LoginForm): string {
  const client = escapeHtml(form.client);
  const names = form.users.map(({ name }) => `<option value="${escapeHtml(name)}">`).join("");
  return document(
    "Sign in (JFrog simulator)",
    `<p><b>${client}</b> asks to act for you.</p>
${form.problem === undefined ? "" : `<p role="alert">${escapeHtml(form.problem)}</p>`}
<form method="post" action="/ui/login">
  <input type="hidden" name="jfClientSession" value="${escapeHtml(form.session)}">
  <input type="hidden" name="jfClientName" value="${client}">
  <label>User name
    <input name="user" list="users" required autofocus autocomplete="off" value="${escapeHtml(form.user ?? "")}"></label>
  <datalist id="users">${names}</datalist>
  <label>Code in your terminal
    <input name="code" required minlength="4" maxlength="4" autocomplete="off" spellcheck="false"></label>
  <button>Sign in and allow</button>
</form>
<p><small>Users here: ${form.users.map(({ name }) => escapeHtml(name)).join(", ")}. No password.</small></p>`,
  );
}

export const messagePage = (title: string, text: string): string => document(title, `<p>${escapeHtml(text)}</p>`);
