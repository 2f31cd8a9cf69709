// In place of tslib (6 KB of helpers for older JavaScript) in the bundles: Tencent's signing code uses these two.
const esModule = (module) => (module?.__esModule ? module : { default: module });
module.exports = { __importDefault: esModule, __importStar: (module) => ({ ...module, default: module }) };
