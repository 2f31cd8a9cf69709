// As much of a browser as signing in takes: `node browser.ts URL` goes where it is sent, keeps cookies, and submits each form that it is
// shown, with what stands in it.
import { pathToFileURL } from 'node:url';

interface Page {
  readonly url: string;
  readonly text: string;
}

export function browser() {
  const cookies = new Map<string, string>();
  async function go(url: string, form?: URLSearchParams): Promise<Page> {
    const answer = await fetch(url, {
      ...{ method: form ? 'POST' : 'GET', redirect: 'manual', ...(form && { body: form }) },
      headers: { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') },
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    const to = answer.headers.get('location');
    return to === null ? { url, text: await answer.text() } : go(new URL(to, url).href);
  }
  /** @param typed into the form, beside what stands in it */
  async function submitted(page: Page, typed: Record<string, string> = {}): Promise<Page> {
    const fields = [...page.text.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([tag]) =>
      ['name', 'value'].map((word) => new RegExp(`${word}="([^"]*)"`).exec(tag)?.[1] ?? ''),
    );
    const action = new URL(/action="([^"]+)"/.exec(page.text)![1]!, page.url).href;
    return go(action, new URLSearchParams({ ...Object.fromEntries(fields), ...typed }));
  }
  return { go, submitted };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { go, submitted } = browser();
  let page = await go(process.argv[2]!);
  for (let forms = 0; page.text.includes('<form') && forms < 5; forms += 1) page = await submitted(page);
}
