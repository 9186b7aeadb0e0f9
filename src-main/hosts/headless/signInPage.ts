/** The page that asks for the password: no script at all, its one style sheet allowed by hash. */
import { createHash } from 'node:crypto';

const STYLE = `:root{color-scheme:dark}body{margin:0;min-height:100vh;display:grid;place-items:center;background:#0e1116;color:#e6e9ee;font:16px/1.5 system-ui,sans-serif}main{width:min(22rem,90vw)}h1{font-size:1.25rem;margin:0 0 1rem}label{display:block;margin-bottom:.25rem}input{box-sizing:border-box;width:100%;padding:.6rem;font:inherit;color:inherit;background:#171c24;border:1px solid #6b7686;border-radius:4px}button{margin-top:1rem;width:100%;padding:.6rem;font:inherit;font-weight:600;color:#06121c;background:#56b4e9;border:0;border-radius:4px;cursor:pointer}:focus-visible{outline:3px solid #e69f00;outline-offset:2px}p{color:#b3bcc9}p[role=alert]{color:#ffb4ab}`;

export const SIGN_IN_CSP = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`;

const MESSAGES = {
  none: '',
  wrong: 'That password is not right.',
  link: 'This link has been used or is too old. Sign in with the password.',
  'too-many': 'Too many wrong attempts. Wait a minute, then try again.',
} as const;
export type SignInMessage = keyof typeof MESSAGES;

/** Nothing of the request is ever in it. */
export const signInPage = (message: SignInMessage): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Sign in – Quant Arb</title><style>${STYLE}</style></head>
<body><main>
<h1>Quant Arb</h1>
${MESSAGES[message] === '' ? '' : `<p role="alert">${MESSAGES[message]}</p>`}
<form method="post" action="/signin">
<input type="text" name="username" value="operator" autocomplete="username" hidden>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required autofocus maxlength="256">
<button type="submit">Sign in</button>
</form>
<p>The password is in secrets.json in the data directory.</p>
</main></body></html>
`;
