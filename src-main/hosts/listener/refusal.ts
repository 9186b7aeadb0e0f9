/** What the listener says when it says no: a status and `{error:{code,field,message}}`, never anything of the request. */
export class HttpRefusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly field: string | null;
  constructor(status: number, code: string, field: string | null, message: string) {
    super(message);
    this.name = 'HttpRefusal';
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

export const refusalBody = ({ code, field, message }: Pick<HttpRefusal, 'code' | 'field' | 'message'>): string =>
  JSON.stringify({ error: { code, field, message } });

/** Fastify's own refusals in our words; null for a fault of ours. */
export const refusalOf = (error: unknown, maxBodyBytes: number): HttpRefusal | null => {
  if (error instanceof HttpRefusal) return error;
  const { statusCode, code } = error as { readonly statusCode?: number; readonly code?: string };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new HttpRefusal(413, 'body-too-large', null, `at most ${maxBodyBytes} bytes`);
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new HttpRefusal(415, 'content-type', 'Content-Type', 'this content type is not taken here');
  if (code === 'FST_ERR_CTP_INVALID_JSON_BODY' || code === 'FST_ERR_CTP_EMPTY_JSON_BODY')
    return new HttpRefusal(400, 'not-json', null, 'the body is not JSON');
  return statusCode !== undefined && statusCode >= 400 && statusCode < 500
    ? new HttpRefusal(statusCode, 'bad-request', null, 'the request is malformed')
    : null;
};
