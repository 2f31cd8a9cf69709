// A page of which nothing goes unseen: whatever its console says of errors, whatever its policy refuses, and whatever is sent or kept.
import type { BrowserContext, Page } from 'playwright-core';

export interface Watched {
  readonly page: Page;
  /** Errors in the console or in the page, and refusals of the Content-Security-Policy, so far. */
  readonly faults: string[];
  /** Bodies and addresses of whatever was sent and answered, but for those of the issuer. */
  readonly traffic: string[];
  /** Whatever was put into the browser's storage, for however short a time. */
  readonly kept: string[];
}

const KEPT = 'kept: ';
/** Runs in the page, before anything of its own. */
const watching = `
  document.addEventListener('securitypolicyviolation', (event) =>
    console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI));
  const { setItem } = Storage.prototype;
  Storage.prototype.setItem = function (name, value) {
    console.debug('${KEPT}' + name + ' ' + value);
    return setItem.call(this, name, value);
  };
`;

/** @param expected what the console says of answers that the test asks for: the browser reports each status of 400 and more */
export async function watchedPage(
  context: BrowserContext,
  isOfIssuer: (url: string) => boolean,
  expected = /^$/,
): Promise<Watched> {
  const page = await context.newPage();
  const [faults, traffic, kept]: [string[], string[], string[]] = [[], [], []];
  page.on('console', (message) => {
    if (message.text().startsWith(KEPT)) kept.push(message.text());
    if (message.type() === 'error' && !expected.test(message.text())) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => {
    if (!isOfIssuer(request.url())) traffic.push(request.url(), request.postData() ?? '');
  });
  page.on('response', async (response) => {
    const body = await response.text().catch(() => '');
    if (!isOfIssuer(response.url())) traffic.push(body);
    const fault = `status of ${response.status()}: ${response.url()} ${body}`;
    if (response.status() >= 500 && !expected.test(fault)) faults.push(fault);
  });
  await page.addInitScript({ content: watching });
  return { page, faults, traffic, kept };
}
