import { CALL, type Command } from './command.ts';

const group = 'Signing in';

export const login: Command = {
  ...{ name: 'login', words: '', group },
  summary: 'sign in at a deployment, which commands mean from then on',
  details: `With the browser of this machine where there is one, else by a code for a browser elsewhere. Where to sign in, the deployment
says to its portal; else give --issuer and --client-id. The token is kept in the XDG state folder, for you alone.`,
  options: ['url', 'device', 'issuer', 'clientId', 'scope', 'resource'],
  examples: ['login --url https://keyvend.example.com', 'login --url https://keyvend.example.com --device'],
  async run(_, given) {
    const { device = false, issuer, clientId, scope, resource } = given;
    const { called } = await import('../session/target.ts');
    const { login } = await import('../session/login.ts');
    await login(called(given).url, { device, issuer, clientId, scope, resource });
    return 0;
  },
};

export const logout: Command = {
  ...{ name: 'logout', words: '', group },
  summary: 'forget the tokens, and have the issuer do so',
  options: ['url'],
  examples: ['logout'],
  async run(_, { url }) {
    const { deploymentUrl } = await import('../session/session.ts');
    const { logout } = await import('../session/login.ts');
    await logout(url === undefined ? undefined : deploymentUrl(url));
    return 0;
  },
};

export const whoami: Command = {
  ...{ name: 'whoami', words: '', group },
  summary: 'say which deployment is meant and by which rule, who you are there, and what you may do',
  details: `What is said for one command counts more than what was saved: --url, then KEYVEND_URL, then KEYVEND_CONFIG, KEYVEND_PLATFORM or
KEYVEND_HOME for what is here, then the profile that keyvend login saved, then what runs here. For a job: KEYVEND_TOKEN or
--token-file.`,
  options: ['json', ...CALL],
  examples: ['whoami'],
  async run(_, given) {
    const { whoami } = await import('../remote/operations.ts');
    await whoami(given);
    return 0;
  },
};

export const open: Command = {
  ...{ name: 'open', words: '[provider] [name]', group },
  summary: "open the portal, or a key pair's page in it",
  options: ['region', 'account', 'print', 'url'],
  examples: ['open', 'open ecs web:prod --region cn-hangzhou'],
  async run(words, given) {
    const { named } = await import('./named.ts');
    const identity = words.length === 0 ? undefined : named(words, given);
    const { openPortal } = await import('../remote/portal.ts');
    openPortal(given, identity, given.print ?? false);
    return 0;
  },
};
