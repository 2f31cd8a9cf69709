// `npm run bench`: how long a first answer takes; with `--distance`, how long any answer takes when the cloud is far away.
await import(process.argv.includes('--distance') ? './distance.ts' : './cold-start.ts');
