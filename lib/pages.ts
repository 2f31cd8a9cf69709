// Walking through what is listed page by page, whoever lists it.

interface Page {
  readonly cursor?: string;
}

/** @param read one page, from the cursor on that the page before gave; without one, the first */
export async function* pagesOf<P extends Page>(
  read: (from: { readonly cursor?: string }) => Promise<P>,
): AsyncGenerator<P> {
  for (let from: Page | undefined = {}; from !== undefined; ) {
    const page: P = await read(from);
    yield page;
    from = page.cursor === undefined ? undefined : { cursor: page.cursor };
  }
}
