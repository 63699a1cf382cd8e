// Strokes as text in a file: what a hand drew comes back as it was, what no hand could have drawn is not read.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';
import { chunksOf, readRecord, recordChunk } from '../../app/web/static/files/png.js';
import { withStrokes } from '../../app/web/static/files/strokespng.js';
import { STROKES_MAX, strokesIn, strokesText } from '../../app/web/static/files/strokestext.js';
import { seeded } from './random.mjs';

const PAPER = { tool: 'paper', paper: ['#d9d0c3', '#c3a988', 176] };
const BRUSH = { tool: 'brush', color: '#aabbcc', size: 12, points: [[1, 2], [3.5, -4, 0.5]] };
const STEPS = [
  PAPER, BRUSH, { ...BRUSH, soft: 0.5, opacity: 0.3 }, { tool: 'eraser', size: 3, points: [[0, 0]] },
  { tool: 'rect', color: '#000000', points: [[1, 1], [9, 9]] }, { tool: 'ellipse', color: '#ffffff', points: [[1, 1], [9, 9]], opacity: 0.5 },
  { tool: 'polygon', color: '#123456', points: [[0, 0], [1, 0], [0, 1]] }, { tool: 'fill', color: '#ff0000', point: [100, 20.5] },
  { tool: 'picture', src: 'data:image/png;base64,AAAA' },
];
const again = (ops) => strokesIn(JSON.stringify(ops));
const with1 = (change) => again([PAPER, { ...BRUSH, ...change }]);

test('every tool, and every example of the program, comes back as it was', () => {
  assert.deepEqual(strokesIn(strokesText(STEPS)), STEPS);
  const folder = new URL('../../assets/examples/', import.meta.url);
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.json'))) {
    const { ops } = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
    assert.deepEqual(strokesIn(strokesText(ops)), ops, name);
  }
});

test('paper alone, and more than a file is to hold, is not written', () => {
  assert.equal(strokesText([PAPER]), null);
  assert.equal(strokesText([]), null);
  assert.equal(strokesText([{ tool: 'picture', src: `data:image/png;base64,${'A'.repeat(STROKES_MAX)}` }, BRUSH]), null);
});

test('what no hand could have drawn is not read', () => {
  const strange = [
    { tool: 'group' }, { tool: 'toString' }, { tool: 'constructor' }, { tool: 'move' }, { color: 'red' }, { color: '#12345' }, { color: 'url(#a)' }, { color: 5 },
    { size: 0 }, { size: 257 }, { size: '12' }, { size: null }, { points: [] }, { points: 'abc' }, { points: [[1]] }, { points: [[1, 2, 3]] }, { points: [[1, 1e9]] },
    { points: [['1', 2]] }, { points: [[null, 2]] }, { points: [1, 2] }, { points: { length: 1 } }, { opacity: 2 }, { soft: -1 }, { opacity: 'x' },
    { tool: 'rect', points: [[1, 2]] }, { tool: 'polygon', points: [[1, 2], [3, 4]] }, { tool: 'fill' }, { tool: 'picture', src: 'https://example.org/a.png' },
    { tool: 'picture', src: 'data:text/html;base64,AAAA' }, { tool: 'picture', src: 'data:image/svg+xml;base64,AAAA' }, { tool: 'paper', paper: ['#fff', '#000', 3] },
  ];
  for (const change of strange) assert.equal(with1(change), null, JSON.stringify(change));
  for (const text of [null, '', '{', 'null', '{}', '[]', '[null]', '5', JSON.stringify([PAPER]), `[${JSON.stringify(BRUSH)},7]`]) assert.equal(strokesIn(text), null, text);
  assert.equal(again(Array.from({ length: 5001 }, () => BRUSH)), null);
  assert.equal(again([JSON.parse('{"tool":"brush","__proto__":{"color":"#000000"}}')]), null);
  assert.deepEqual(with1({ onload: 'x', at: 3 }), [PAPER, BRUSH]);
});

test('any text changed anywhere never throws', () => {
  const random = seeded(5);
  const text = strokesText(STEPS);
  for (let round = 0; round < 2000; round++) {
    const at = random.below(text.length);
    strokesIn(text.slice(0, at) + String.fromCharCode(random.below(128)) + text.slice(at + random.below(3)));
  }
});

test('a file of a painting gets them behind its record, another file does not', async () => {
  const record = (task) => JSON.stringify({ format: 1, task, seed: 3, strokes: 'data:image/png;base64,AAAA' });
  const head = new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, ...new TextEncoder().encode('IHDR'), ...new Array(17).fill(0)]);
  const end = new Uint8Array([0, 0, 0, 0, ...new TextEncoder().encode('IEND'), 0, 0, 0, 0]);
  const file = (task) => new Blob([head, recordChunk(record(task)), end]);
  const inside = withStrokes(file('paint'), record('paint'), STEPS);
  const found = await readRecord(inside);
  assert.deepEqual([found.ops, found.settings.seed, found.strokes], [STEPS, 3, 'data:image/png;base64,AAAA']);
  assert.deepEqual(chunksOf(new Uint8Array(await inside.arrayBuffer())).map(({ type }) => type), ['IHDR', 'iTXt', 'iTXt', 'IEND']);
  for (const [task, text, ops] of [['inpaint', record('inpaint'), STEPS], ['paint', null, STEPS], ['paint', record('paint'), [PAPER]], ['paint', '{', STEPS]]) {
    const same = withStrokes(file(task), text, ops);
    assert.deepEqual(await same.arrayBuffer(), await file(task).arrayBuffer());
  }
});
