// A plugin of the packager: compiles each bundle ahead where `npm run package -- --compiled-by` names the Node to do it with.
const { spawnSync } = require('node:child_process');
const { basename, join } = require('node:path');

/** Architectures by Lambda's names. */
const architectures = { arm64: 'arm64', x86_64: 'x64' };

module.exports = ({ service, classes }) => {
  const command = process.env.KEYVEND_COMPILED_BY;
  if (!command) return [];
  const refused = (why) => new classes.Error(`--compiled-by: ${why}`);

  /** Through a shell, because it is a command with options, perhaps an emulator's. */
  function run(...words) {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', `${command} "$@"`, 'sh', ...words], { encoding: 'utf8' });
    if (status === 0) return stdout;
    throw refused(`${command} failed: ${/^\w*Error.*/m.exec(stderr)?.[0] ?? stderr.trim()}`);
  }

  const { architecture, runtime } = service.provider;
  const { node, arch } = JSON.parse(run('-p', 'JSON.stringify({ node: process.versions.node, arch: process.arch })'));
  if (arch !== architectures[architecture])
    throw refused(`${command} is for ${arch}, and the functions are for ${architecture}`);
  if (!runtime.startsWith(`nodejs${node.split('.')[0]}.`))
    throw refused(`${command} is Node ${node}, and the functions' is ${runtime}`);

  return [
    {
      name: 'compiled-ahead',
      setup(build) {
        const [entry] = build.initialOptions.entryPoints;
        const file = join(build.initialOptions.outdir, `${basename(entry).replace(/\.\w+$/, '')}.js`);
        build.onEnd(({ errors }) => {
          if (errors.length > 0) return;
          try {
            run(join(__dirname, 'compile.cjs'), file);
          } catch ({ message }) {
            // A plugin that throws here ends nothing: the other builds keep the packager waiting for ever.
            process.stderr.write(`${message}\n`);
            process.exit(1);
          }
        });
      },
    },
  ];
};
