// In place of @aws/lambda-invoke-store (2 KB) in the bundles. Powertools' logger imports it for what it does to the global object
// where one process serves several calls at once (AWS_LAMBDA_MAX_CONCURRENCY): there Lambda's runtime brings it along by itself.
module.exports = {};
