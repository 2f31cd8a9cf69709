// `keyvend open`: the portal's page of a key pair.
import type { Identity } from '../../lib/identity.ts';
import type { Given } from '../commands/command.ts';
import { hasBrowser, openPage } from '../session/by-browser.ts';
import { called } from '../session/target.ts';
import { print } from './deployment.ts';

export function openPortal(given: Given, identity: Identity | undefined, printOnly: boolean): void {
  const { url } = called(given);
  const page = `${url}/portal/${identity === undefined ? '' : pathOf(identity)}`;
  print(page);
  if (!printOnly && hasBrowser()) openPage(page);
}

/** Its routes are in the hash, so that it can be served from anywhere. */
const pathOf = ({ provider, account, region, name }: Identity): string =>
  `#/key-pairs/${[provider, region, account, name].map(encodeURIComponent).join('/')}`;
