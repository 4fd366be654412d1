/** What a route answers. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The pair that the answer carries, if it carries one. */
  readonly tokenId?: string;
}

/** Thrown by a route that refuses: the answer says it all. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`refused with ${answer.status}`);
    this.name = "Refusal";
    this.answer = answer;
  }
}

const answer = (status: number, type: string, body: string | Buffer): Answer => ({
  status,
  headers: { "content-type": type },
  body: Buffer.from(body),
});

export const json = (status: number, value: unknown): Answer =>
  answer(status, "application/json", JSON.stringify(value));
export const text = (status: number, body: string): Answer => answer(status, "text/plain;charset=UTF-8", body);
export const html = (status: number, page: string): Answer => answer(status, "text/html; charset=utf-8", page);
export const bytes = (status: number, type: string, body: Buffer): Answer => answer(status, type, body);
export const empty = (status: number): Answer => ({ status, headers: {}, body: Buffer.alloc(0) });

const CODES: Readonly<Record<number, string>> = {
  400: "BAD_REQUEST",
  401: "UNAUTHORIZED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  405: "METHOD_NOT_ALLOWED",
  409: "CONFLICT",
  429: "TOO_MANY_REQUESTS",
  500: "INTERNAL_SERVER_ERROR",
  503: "SERVICE_UNAVAILABLE",
};

const codeOf = (status: number): string => CODES[status] ?? "ERROR";

/** Access: `{"errors":[{"code","message"}]}`. */
export const accessError = (status: number, message: string): Answer =>
  json(status, { errors: [{ code: codeOf(status), message }] });

/** The revocation's: `{"code","message","detail"}`. */
export const flatError = (status: number, message: string, detail = message): Answer =>
  json(status, { code: codeOf(status), message, detail });

/** Artifactory: `{"errors":[{"status","message"}]}`. */
export const artifactoryError = (status: number, message: string): Answer =>
  json(status, { errors: [{ status, message }] });

/** A page by something in between that is not JFrog. */
export const proxyPage = (status: number, title = "Request blocked"): Answer =>
  html(
    status,
    `<!doctype html>\n<html><head><title>${status} ${title}</title></head><body><h1>${title}</h1><hr>gateway</body></html>\n`,
  );

/** The two services that speak JSON here, each with its own error shape. */
export type Service = "access" | "artifactory";

export const refusal = (service: Service, status: number, message: string): Refusal =>
  new Refusal(service === "access" ? accessError(status, message) : artifactoryError(status, message));
