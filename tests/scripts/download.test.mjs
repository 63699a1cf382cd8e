// What becomes of a click on Download, with a server that has the file, has lost it, or does not answer.
import assert from 'node:assert/strict';
import test from 'node:test';
import './page.mjs';
import { isFinished, savePicture, saveResult } from '../../app/web/static/files/save.js';
import { saveAllOrSay, saveOrSay } from '../../app/web/static/result/saving.js';
import { onestroke } from '../../app/web/static/shared/bus.js';
import { WORDS } from '../../app/web/static/shared/words.js';

const PNG = 'data:image/png;base64,iVBORw0KGgo=';
const FINAL = { final: { result: 'r', name: 'n.png' } };

// The names of the files that the browser was given, and what was refused.
async function saved(does, server = 'there') {
  const given = [];
  const own = { fetch: globalThis.fetch, document: globalThis.document, setTimeout: globalThis.setTimeout };
  globalThis.setTimeout = () => 0; // the address of a blob is taken back a minute later
  globalThis.document = {
    createElement: () => ({ href: '', download: '', append() {}, click() { given.push([this.download, this.href.split(':')[0]]); }, remove() {} }),
    body: { append() {} },
  };
  globalThis.fetch = async (address, how) => {
    if (String(address).startsWith('data:')) return own.fetch(address, how);
    if (server === 'silent') throw new TypeError('no server');
    return { ok: server === 'there', blob: async () => new Blob(['file']) };
  };
  try { return { given, refused: await does().then(() => null, (problem) => problem) }; } finally { Object.assign(globalThis, own); }
}

test('every download gives one file or one sentence', async () => {
  const pictures = [null, { src: PNG }, { png: PNG }, FINAL, { ...FINAL, png: PNG }, { src: PNG, file: new Blob(['photo']) }];
  for (const server of ['there', 'forgetful', 'silent']) for (const picture of pictures) {
    const { given, refused } = await saved(() => savePicture(picture && { seed: 7, ...picture }), server);
    assert.equal(given.length + (refused?.error && refused.hint ? 1 : 0), 1, `${server}: ${JSON.stringify(picture)}`);
    if (given.length) assert.equal(given[0][0], picture.final && server === 'there' ? 'n.png' : 'onestroke-7.png');
    assert.equal(refused === WORDS.notFinished, !isFinished(picture));
  }
});

test('a zip file is the browser\'s to fetch', async () => {
  assert.notEqual((await saved(() => saveResult('r', 'all.zip'))).given[0][1], 'blob');
  assert.equal((await saved(() => savePicture(FINAL))).given[0][1], 'blob');
  assert.equal((await saved(() => savePicture(FINAL), 'silent')).refused, WORDS.notFetched);
  assert.equal((await saved(() => saveResult('r', 'all.zip'), 'forgetful')).refused, WORDS.resultGone);
});

test('what is refused is said over the picture', async () => {
  const task = onestroke.task('download');
  const said = [];
  task.on('notice', ({ head }) => said.push(head));
  await saved(() => saveOrSay(task, { src: PNG }));
  await saved(() => saveOrSay(task, FINAL), 'silent');
  await saved(() => saveOrSay(task, FINAL));
  assert.deepEqual(said, [WORDS.notFinished.error, WORDS.notFetched.error]);
});

test('until the file is here it is said that it is being saved, and a second click asks for no second one', async () => {
  const task = onestroke.task('saving');
  const said = [];
  task.on('saving', (on) => said.push(on));
  const { given } = await saved(() => Promise.all([saveOrSay(task, FINAL), saveOrSay(task, FINAL)]));
  assert.deepEqual([said, given.length], [[true, false], 1]);
});

test('a preview in place of a whole photo is named so and told', async () => {
  const task = onestroke.task('all');
  const said = [];
  task.on('notice', ({ head }) => said.push(head));
  const names = [];
  for (const server of ['there', 'forgetful']) {
    const blobs = [];
    const own = URL.createObjectURL;
    URL.createObjectURL = (blob) => { blobs.push(blob); return 'blob:1'; };
    try { await saved(() => saveAllOrSay(task, [{ seed: 1, src: PNG, ...FINAL }, { seed: 2, src: PNG }, { seed: 3, src: PNG, png: PNG }]), server); } finally { URL.createObjectURL = own; }
    const text = Buffer.from(await blobs[0].arrayBuffer()).toString('latin1');
    names.push([...new Set(text.match(/onestroke-\d[\w-]*/g))]);
  }
  assert.deepEqual(names, [['onestroke-1', 'onestroke-2', 'onestroke-3'], ['onestroke-1-preview', 'onestroke-2', 'onestroke-3']]);
  assert.deepEqual(said, ['Of one picture only the preview is left']);
});
