// SMQ (formerly MNS) 2015-06-06. Source: "Error codes" (Simple Message Queue).
import { type ErrorTable, refuser } from '../../refused.ts';

export const smqErrors = {
  AccessDenied: {
    status: 403,
    message: 'The OwnerId that your Access Key Id associated to is forbidden for this operation.',
  },
  InvalidAccessKeyId: { status: 403, message: 'The AccessKey Id you provided is not exist.' },
  SecurityTokenInvalid: { status: 403, message: 'The Security token that your provide is invalid.' }, // ours
  StsAccessIdExpired: { status: 403, message: 'The sts accessid has expired.' }, // ours
  SignatureDoesNotMatch: {
    status: 403,
    message:
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  },
  TimeExpired: { status: 408, message: 'The http request you sent is expired.' },
  MissingAuthorizationHeader: { status: 400, message: 'Authorization header is required.' },
  InvalidAuthorizationHeader: { status: 400, message: 'The Authorization header format is invalid.' },
  MissingDateHeader: { status: 400, message: 'Date header is required.' },
  InvalidDateHeader: { status: 400, message: 'The Date header format is invalid.' },
  MissingVersionHeader: { status: 400, message: 'x-mns-version header is required.' },
  InvalidVersionHeader: { status: 400, message: 'The x-mns-version header value is invalid.' }, // ours
  InvalidDigest: { status: 400, message: 'The Content-MD5 you specified is invalid.' },
  InvalidRequestURL: { status: 400, message: 'Http request URL format invalid.' },
  InvalidQueryString: { status: 400, message: 'Http request URL contains invalid querystring item "%s".' },
  MalformedXML: { status: 400, message: 'The XML you provided was not well-formed.' },
  InvalidArgument: { status: 400, message: 'The value of "%s" is invalid.' },
  InvalidQueueName: { status: 400, message: 'The queue name you provided is invalid.' },
  MissingReceiptHandle: { status: 400, message: 'ReceiptHandle is required.' },
  MissingVisibilityTimeout: { status: 400, message: 'VisibilityTimeout is required.' },
  ReceiptHandleError: { status: 400, message: 'The receipt handle you provide is not valid.' },
  QpsLimitExceeded: { status: 400, message: 'The request was denied because the queue is called too often.' }, // ours
  MessageNotExist: { status: 404, message: 'Message not exist.' },
  QueueNotExist: { status: 404, message: 'The queue name you provided is not exist.' },
  QueueAlreadyExist: { status: 409, message: 'The queue you want to create is already exist.' },
  InternalError: { status: 500, message: 'Internal error.' },
  ServiceUnavailable: { status: 503, message: 'The service is not available at the moment.' }, // ours
} as const satisfies ErrorTable;

export const refuseSmq = refuser(smqErrors);
