// The way from serverless.yml, whose variables load CommonJS only, to template.ts.
module.exports = async ({ resolveVariable }) => {
  const { parametersFrom } = await import('./parameters.ts');
  const { template } = await import('./template.ts');
  return template(await parametersFrom((address) => resolveVariable(`${address}, ''`)));
};
