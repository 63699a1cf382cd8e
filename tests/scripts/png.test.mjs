// Records inside PNG files: those that Python wrote (its test names the folder), and what strangers may drop on the page.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { readRecord } from '../../app/web/static/files/png.js';
import { seeded } from './random.mjs';

const folder = process.env.RECORDS;
const HEAD = [137, 80, 78, 71, 13, 10, 26, 10];

function chunk(type, body, length = body.length) {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body, Buffer.alloc(4)]);
}
const text = (record, { key = 'onestroke', compressed = 0, language = '', translated = '' } = {}) =>
  chunk('iTXt', Buffer.concat([Buffer.from(key), Buffer.from([0, compressed, 0]), Buffer.from(language), Buffer.from([0]), Buffer.from(translated), Buffer.from([0]), Buffer.from(typeof record === 'string' ? record : JSON.stringify(record))]));
const png = (...chunks) => Buffer.concat([Buffer.from(HEAD), ...chunks, chunk('IEND', Buffer.alloc(0))]);
const read = (bytes) => readRecord(new Blob([bytes]));
const RECORD = { format: 1, task: 'paint', seed: 12, steps: 3, strength: 0.5, look: 'day', strokes: 'data:image/png;base64,AAAA' };

test('what Python writes is what the page reads', { skip: folder ? false : 'needs the records' }, async () => {
  const cases = JSON.parse(readFileSync(join(folder, 'records.json'), 'utf8'));
  assert.ok(cases.length > 3);
  for (const { file, record } of cases) {
    const found = await read(readFileSync(join(folder, file)));
    if (record === null) { assert.equal(found, null, file); continue; }
    assert.equal(found.task, record.task, file);
    for (const key of ['seed', 'steps', 'schedule', 'strength', 'look']) assert.equal(found.settings[key], record[key], `${file} ${key}`);
    for (const key of ['grow', 'feather', 'factor', 'sigma', 'count']) assert.equal(found.numbers[key], record[key], `${file} ${key}`);
    assert.deepEqual([found.mask, found.input, found.square, found.extend], [record.mask ?? null, record.input ?? null, record.square ?? null, record.extend ?? null], file);
    assert.equal(found.strokes, record.task === 'paint' ? record.strokes ?? null : null, file);
  }
});

test('both kinds of text chunk, behind others, with language and translated key', async () => {
  const other = chunk('tIME', Buffer.alloc(7));
  const plain = chunk('tEXt', Buffer.concat([Buffer.from('onestroke\0'), Buffer.from(JSON.stringify(RECORD))]));
  for (const bytes of [png(text(RECORD)), png(other, text(RECORD, { key: 'Comment' }), text(RECORD)), png(plain), png(text(RECORD, { language: 'en', translated: 'one' }))]) {
    const found = await read(bytes);
    assert.equal(found.settings.seed, 12);
    assert.equal(found.strokes, RECORD.strokes);
  }
});

test('a record may be as long as Python lets it be', async () => {
  const strokes = `data:image/png;base64,${'A'.repeat(65000)}`;
  assert.equal((await read(png(text({ ...RECORD, strokes })))).strokes, strokes);
});

test('what is no record gives null', async () => {
  const strange = [
    Buffer.alloc(0), Buffer.from(HEAD), Buffer.from('GIF89a and more of it'), png(), png(text('{')), png(text('null')), png(text(RECORD, { compressed: 1 })),
    png(text(RECORD, { key: 'onestrokes' })), png(chunk('iTXt', Buffer.from('onestroke'))), png(chunk('iTXt', Buffer.from('onestroke\0\0\0en'))),
    png(chunk('IEND', Buffer.alloc(0)), text(RECORD)), png(text({ ...RECORD, strokes: 'a'.repeat(70000) })), Buffer.concat([Buffer.from(HEAD), chunk('iTXt', Buffer.from('onestroke\0'), 0xffffffff)]),
  ];
  for (const [i, bytes] of strange.entries()) assert.equal(await read(bytes), null, `case ${i}`);
});

test('a file cut anywhere or with any byte changed never throws', async () => {
  const whole = png(chunk('IHDR', Buffer.alloc(13)), text(RECORD));
  for (let length = 0; length < whole.length - 12; length++) assert.equal(await read(whole.subarray(0, length)), null, `${length} bytes`);
  const random = seeded(3);
  for (let round = 0; round < 1000; round++) {
    const bytes = Buffer.from(whole);
    bytes[random.below(bytes.length)] = random.below(256);
    await read(bytes);
  }
});

test('values out of their range are dropped', async () => {
  const wrong = { seed: 2147483648, steps: 41, schedule: 'other', axis: 'green', strength: 1.1, look: 5, strokes: 'https://example.org/a.png', mask: 'data:text/html,a', square: [0, 0], extend: [0, 0, -1, 0], grow: 'a', ends: 'a' };
  const found = await read(png(text({ ...RECORD, ...wrong })));
  assert.deepEqual(found.settings, { seed: undefined, steps: undefined, schedule: undefined, axis: undefined, how: undefined, strength: undefined, look: undefined });
  assert.deepEqual([found.strokes, found.mask, found.square, found.extend, found.ends, found.numbers], [null, null, null, null, null, {}]);
  const most = await read(png(text({ ...RECORD, seed: 2147483647, steps: 40, strength: 1, schedule: 'paper', axis: 'paper', square: [-5, 0, 1], extend: [0, 1, 2, 3], seeds: [1, 2] })));
  assert.deepEqual(most.settings, { seed: 2147483647, steps: 40, strength: 1, schedule: 'paper', axis: undefined, how: undefined, look: 'day' });
  const axes = ['paper', 'green', undefined].map(async (axis) => (await read(png(text({ ...RECORD, task: 'colorize', axis })))).settings.axis);
  assert.deepEqual(await Promise.all(axes), ['paper', 'grey', 'grey']);
  assert.deepEqual([most.square, most.extend, most.numbers], [[-5, 0, 1], [0, 1, 2, 3], { seed_b: 2 }]);
});
