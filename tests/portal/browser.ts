// A real browser without a window, Debian's `chromium-headless-shell`, which .ci/run installs.
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const executablePath = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find((path) => existsSync(path));

/** Why tests in a browser cannot run here, or undefined when they can. */
export const noBrowser = (): string | undefined =>
  executablePath === undefined ? 'chromium-headless-shell is not installed' : undefined;

/** A page's clock and language are what a test says; pictures must not depend on the machine. */
export const launch = (): Promise<Browser> => chromium.launch({ executablePath: executablePath! });
