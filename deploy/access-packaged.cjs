// A plugin of the framework. Only `npm run package` puts the compiled access document beside the functions: `serverless deploy` without
// `--package` packages by itself, and every function of the stage would stop at its start.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

module.exports = class {
  constructor({ service, serviceDir, classes }) {
    this.hooks = {
      'before:package:cleanup': () => {
        const document = service.provider.environment.KEYVEND_ACCESS;
        if (document !== 'access.json' || existsSync(join(serviceDir, document))) return;
        throw new classes.Error('Package it with `npm run package`, and deploy that with `--package`: docs/deploy.md');
      },
    };
  }
};
