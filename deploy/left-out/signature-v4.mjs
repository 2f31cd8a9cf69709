// In place of @smithy/signature-v4 in the bundles: its own parts, put together for what is signed here, a request with its body.
// Presigned URLs, event streams and messages are left out, 5 KB. A test compares signatures with and without this.
import { createScope, getSigningKey } from '../../node_modules/@smithy/signature-v4/dist-es/credentialDerivation.js';
import { getCanonicalHeaders } from '../../node_modules/@smithy/signature-v4/dist-es/getCanonicalHeaders.js';
import { prepareRequest } from '../../node_modules/@smithy/signature-v4/dist-es/prepareRequest.js';
import { SignatureV4Base } from '../../node_modules/@smithy/signature-v4/dist-es/SignatureV4Base.js';

const ALGORITHM = 'AWS4-HMAC-SHA256';
const hex = (bytes) => Buffer.from(bytes).toString('hex');

export class SignatureV4 extends SignatureV4Base {
  async sign(requestToSign, { signingDate }) {
    const [credentials, region] = [await this.credentialProvider(), await this.regionProvider()];
    const request = prepareRequest(requestToSign);
    const { longDate, shortDate } = this.formatDate(signingDate);
    const scope = createScope(shortDate, region, this.service);
    const bodyHash = await this.#digest(undefined, request.body);
    request.headers['x-amz-date'] = longDate;
    if (credentials.sessionToken) request.headers['x-amz-security-token'] = credentials.sessionToken;
    request.headers['x-amz-content-sha256'] = bodyHash;
    const headers = getCanonicalHeaders(request);
    const canonical = this.createCanonicalRequest(request, headers, bodyHash);
    const text = await this.createStringToSign(longDate, scope, canonical, ALGORITHM);
    const key = await getSigningKey(this.sha256, credentials, shortDate, region, this.service);
    const signature = await this.#digest(key, Buffer.from(text));
    request.headers.authorization = `${ALGORITHM} Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${this.getCanonicalHeaderList(headers)}, Signature=${signature}`;
    return request;
  }

  async #digest(key, data) {
    const hash = new this.sha256(key);
    hash.update(data);
    return hex(await hash.digest());
  }
}
