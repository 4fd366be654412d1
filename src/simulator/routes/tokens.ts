import { accessError } from "../answer.ts";
import { fieldsOf, type SimRequest } from "../request.ts";
import type { Route } from "../route.ts";
import { mint } from "./mint.ts";
import { noteArrival, refresh } from "./refresh.ts";

const isRefresh = (request: SimRequest): boolean => fieldsOf(request)?.grant_type === "refresh_token";

/** One endpoint, two grants: a mint (`client_credentials`) and a refresh (`refresh_token`). */
export const createToken: Route = {
  method: "POST",
  template: "/access/api/v1/tokens",
  service: "access",
  kind: (request) => (isRefresh(request) ? "refresh" : "mint"),
  arrive: (world, request) => (isRefresh(request) ? noteArrival(world, request) : () => {}),
  handle: (world, request) => (isRefresh(request) ? refresh(world, request) : mint(world, request)),
};

/** Version 2 of the endpoint is for administrators; others are told that it is not there. */
export const createTokenV2: Route = {
  method: "POST",
  template: "/access/api/v2/tokens",
  service: "access",
  kind: () => "mint",
  handle: (world, request) => mint(world, request, () => accessError(404, "Not found")),
};
