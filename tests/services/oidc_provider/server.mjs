// A certified OpenID provider with people such as INDIGO IAM has, for the tests.
//
//   node server.mjs '{"port": 0, "redirect_uris": [...], ...}'
//
// Prints its issuer in one line. People sign in under any name, which is their subject; whom a
// POST to /test/forget names is known no longer.
import { createServer } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

const options = JSON.parse(process.argv[2]);
const forgotten = new Set();
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

const server = createServer();
await new Promise((resolve) => server.listen(options.port, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const whole = (title, content) =>
  `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1>${content}`;

const claimsOf = (subject) => ({
  sub: subject,
  name: `${subject[0].toUpperCase()}${subject.slice(1)} of the tests`,
  preferred_username: subject,
  email: `${subject}@iam.example.org`,
  organisation_name: 'escape',
  groups: subject === 'nobody' ? [] : ['escape/esap', `escape/${subject}`],
  'wlcg.groups': ['/escape/esap'],
});

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'portal',
      client_secret: options.client_secret,
      redirect_uris: options.redirect_uris,
      post_logout_redirect_uris: options.post_logout_redirect_uris,
      backchannel_logout_uri: options.backchannel_logout_uri,
      backchannel_logout_session_required: true,
      grant_types: ['authorization_code', 'refresh_token'],
    },
  ],
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'test', use: 'sig', alg: 'RS256' }] },
  cookies: { keys: ['only for tests'] },
  claims: {
    openid: ['sub', 'organisation_name', 'groups'],
    profile: ['name', 'preferred_username'],
    email: ['email'],
    wlcg: ['wlcg.groups'],
  },
  scopes: ['openid', 'offline_access', 'profile', 'email', 'wlcg'],
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: async (_context, client) => client.grantTypeAllowed('refresh_token'),
  findAccount: async (_context, subject) =>
    forgotten.has(subject) ? undefined : { accountId: subject, claims: async () => claimsOf(subject) },
  // Everybody has agreed to everything: the portal belongs to the institute.
  loadExistingGrant: async (context) => {
    const grant = new provider.Grant({
      clientId: context.oidc.client.clientId,
      accountId: context.oidc.session.accountId,
    });
    grant.addOIDCScope('openid offline_access profile email wlcg');
    await grant.save();
    return grant;
  },
  features: {
    devInteractions: { enabled: false },
    revocation: { enabled: true },
    introspection: { enabled: true },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: async (context, form) => {
        const button = '<button form="op.logoutForm" name="logout" value="yes">Yes, sign me out</button>';
        context.body = whole('Sign out of the institute', form + button);
      },
      postLogoutSuccessSource: async (context) => {
        context.body = whole('Signed out of the institute', '');
      },
    },
  },
  // The portal of a test is on this computer, where a provider calls nobody by itself.
  fetch: (url, { dispatcher, ...request }) => globalThis.fetch(url, request),
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  ttl: { AccessToken: 3600, IdToken: 600, RefreshToken: 86400, Session: 3600, Grant: 3600, Interaction: 600 },
});

provider.on('backchannel.error', (_context, error, client) => console.error(client.clientId, error));

const bodyOf = async (request) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  return new URLSearchParams(text);
};

const page = whole(
  'Sign in at the institute',
  '<form method="post"><label>User <input name="login" required></label><button>Enter</button></form>',
);

const answer = provider.callback();
server.on('request', async (request, response) => {
  const { pathname } = new URL(request.url, issuer);
  try {
    if (pathname.startsWith('/interaction/') && request.method === 'GET') {
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(page);
    } else if (pathname.startsWith('/interaction/')) {
      const sent = await bodyOf(request);
      const result = { login: { accountId: sent.get('login'), remember: true } };
      await provider.interactionFinished(request, response, result);
    } else if (pathname === '/test/forget') {
      forgotten.add((await bodyOf(request)).get('subject'));
      response.writeHead(204).end();
    } else {
      await answer(request, response);
    }
  } catch (error) {
    console.error(error);
    if (!response.headersSent) response.writeHead(500).end();
  }
});

console.log(issuer);
