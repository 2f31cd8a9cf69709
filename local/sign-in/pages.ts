// The pages of the issuer on this machine. Nothing is loaded but their style, and nothing runs in them.
import type { ServerResponse } from 'node:http';
import { people } from './people.ts';

export const STYLE_PATH = '/style.css';
export const style = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 30rem; margin: 12vh auto; padding: 0 1rem }
h1 { font-size: 1.3rem }
button { display: block; width: 100%; margin: .5rem 0; padding: .6rem .8rem; font: inherit; text-align: start; cursor: pointer }
input { font: inherit; padding: .5rem; width: 100%; box-sizing: border-box }
small { display: block; opacity: .75 }
code { font-size: 1.3rem }`;

export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  // A form's answer leads back to who sent the browser here, on a port of this machine; with no referrer at all, a form would have no origin.
  'referrer-policy': 'same-origin',
  'content-security-policy':
    "default-src 'none'; style-src 'self'; form-action 'self' http://127.0.0.1:*; base-uri 'none'; frame-ancestors 'none'",
} as const;

export const page = (title: string, main: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title} - keyvend on this machine</title><link rel="stylesheet" href="${STYLE_PATH}"></head>
<body><main><h1>${title}</h1>${main}</main></body></html>`;

export const choice = (uid: string): string =>
  page(
    'Who are you?',
    `<p>This issuer is for trying keyvend out: it asks for no password.</p><form method="post" action="/interaction/${uid}">${Object.entries(
      people,
    )
      .map(([name, { says }]) => `<button name="as" value="${name}">${name}<small>${says}</small></button>`)
      .join('')}</form>`,
  );

export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

export const sendPage = (response: ServerResponse, status: number, html: string): void =>
  void response.writeHead(status, pageHeaders).end(html);
