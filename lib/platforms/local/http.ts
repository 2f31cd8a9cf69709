// The local gateway (local/stack/gateway.ts) hands functions what API Gateway would, so that what runs here is what is deployed.
export { leftMsOf, requestOf, responseOf } from '../aws/http.ts';
