/** What a person is asked for, by its code: why they are needed. */
export const ASK_WORDS: Readonly<Record<string, string>> = {
  "not-enrolled": "nobody has signed in yet",
  "secret-gone": "the secret is gone from the store",
  "login-expired": "the login ran out before anyone signed in",
  "login-maybe-collected": "the login ended; its answer may have been lost on the way",
  "login-refused": "the login was refused",
  "login-damaged": "signed in, but the sign-in's token was damaged on this disk",
  "mint-refused": "no token was issued",
  revoked: "the service refused the token for good",
  "no-refresh-token": "its token can't be rotated",
  "mint-forbidden": "the service issues no new token for the present one",
  "held-elsewhere": "another machine rotated it and has not stored the new token",
  moved: "the configuration names another host",
};
