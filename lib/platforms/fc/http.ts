// The platform passes requests on as they are, to an HTTP server in the function: a request here is what it is on a server of one's own.
export { leftMsOf, requestOf, responseOf } from '../serve/http.ts';
