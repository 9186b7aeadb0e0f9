import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { protocolSchemaFiles } from './protocolSchemas.ts';
import { ackBody, dealRow, helloBody, snapshotBody } from './metatrader.testkit.ts';

const folder = new URL('../../../mql5/protocol/', import.meta.url);

it('the schema files beside PROTOCOL.md are those of this code: npm run mql5:protocol', () => {
  const there = readdirSync(folder).filter((name) => name.endsWith('.schema.json'));
  const expected = protocolSchemaFiles();
  expect(there.toSorted()).toEqual([...expected.keys()].toSorted());
  for (const [name, text] of expected) expect(readFileSync(new URL(name, folder), 'utf8'), name).toBe(text);
});

const envelope = { v: 1, session: 's', epoch: 1, seq: '1', gates: 'ok' };
const accepts = (name: string, body: unknown): boolean => {
  const schema = JSON.parse(protocolSchemaFiles().get(`${name}.schema.json`) ?? 'null') as Parameters<typeof z.fromJSONSchema>[0];
  return z.fromJSONSchema(schema).safeParse(body).success;
};

it.each([
  ['hello', helloBody()],
  ['ack', { ...envelope, ...ackBody() }],
  ['fill', { ...envelope, deals: [dealRow()] }],
  ['snapshot', { ...envelope, ...snapshotBody() }],
])('the schema of %s, read by itself, takes a message and refuses it without any one of its required fields', (name, body) => {
  expect(accepts(name, body)).toBe(true);
  const { required } = JSON.parse(protocolSchemaFiles().get(`${name}.schema.json`) ?? '{}') as { readonly required: readonly string[] };
  expect(required.length).toBeGreaterThan(5);
  for (const field of required) expect(accepts(name, { ...body, [field]: undefined }), field).toBe(false);
});

it('nothing but what is listed may stand in a trading message', () => {
  expect(accepts('ack', { ...envelope, ...ackBody(), cumlots: '1' })).toBe(false);
  expect(accepts('fill', { ...envelope, deals: [{ ...dealRow(), comission: '-1' }] })).toBe(false);
});
