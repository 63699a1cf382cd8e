// Photos that come in, and how long the page speaks of them.
import assert from 'node:assert/strict';
import test from 'node:test';
import './page.mjs';
import { describeEdit } from '../../app/web/static/edit/editwords.js';
import { createOpening } from '../../app/web/static/edit/opening.js';
import { isMadeOf } from '../../app/web/static/files/photos.js';
import { onChange } from '../../app/web/static/result/banner.js';
import { onestroke } from '../../app/web/static/shared/bus.js';
import { describe, WORDS } from '../../app/web/static/shared/words.js';
import { createOperations } from '../../app/web/static/surface/operations.js';

let tasks = 0;
function withOpening(open) {
  const task = onestroke.task(`opening-${++tasks}`);
  const seen = { states: [], notices: [], did: [], asked: 0 };
  task.on('state', ({ name }) => seen.states.push(name));
  task.on('notice', (notice) => seen.notices.push(notice));
  task.actions.open = () => { seen.asked += 1; };
  const marks = { photo: null };
  const opening = createOpening({
    task, kind: { homeSquare: () => [0, 0, 9] }, marks, library: { open }, modes: { set() {} }, useRecord() {},
    did(op) { seen.did.push(op); marks.photo = { key: op.key }; },
  });
  return { task, seen, opening, marks };
}

test('a file that is no picture leaves the page as it was, whatever it was at', async () => {
  for (const name of ['idle', 'refined', 'cancelled', 'thinking']) {
    const { task, seen, opening } = withOpening(async () => { throw new Error('broken'); });
    task.emit('state', { name }, { keep: true });
    assert.equal(await opening.open({}), null);
    assert.deepEqual([seen.states, seen.did], [[name, 'sending', name], []]);
    const [{ head, alert, choices: [[label, does]] }] = seen.notices;
    assert.deepEqual([head, alert, label], [WORDS.notPicture.error, true, 'Open another photo']);
    does();
    assert.equal(seen.asked, 1);
  }
});

test('what comes while a file is on its way is not taken back', async () => {
  const { task, seen, opening } = withOpening(async () => { task.emit('state', { name: 'refined' }, { keep: true }); throw WORDS.tooBig; });
  task.emit('state', { name: 'thinking' }, { keep: true });
  await opening.open({});
  assert.deepEqual([seen.states.at(-1), seen.notices[0].head], ['refined', WORDS.tooBig.error]);
});

test('a file that did not reach the server is sent once more', async () => {
  let sent = 0;
  const { seen, opening } = withOpening(async () => { sent += 1; if (sent === 1) throw WORDS.notSent; return { key: 'a' }; });
  await opening.open({});
  const [[label, does]] = seen.notices[0].choices;
  assert.equal(label, 'Try again');
  await does();
  assert.deepEqual([sent, seen.did.map(({ key }) => key)], [2, ['a']]);
});

test('what would be refused again has no button to try again', () => {
  for (const said of [describe, describeEdit({ name: 'super-resolve', settings: {} })]) {
    const error = { name: 'error', error: 'Too large.' };
    assert.equal(said(error).banner.button, 'Try again');
    assert.equal(said({ ...error, lasting: true }).banner.button, undefined);
  }
});

test('a notice goes with a change of the painting or of a setting, and with nothing else', () => {
  const task = onestroke.task(`opening-${++tasks}`);
  const operations = createOperations(() => {});
  task.painting = operations;
  let changes = 0;
  onChange(task, () => { changes += 1; });
  const heard = (does) => { const before = changes; does(); task.emit('painting', operations, { keep: true }); return changes - before; };
  assert.equal(heard(() => {}), 0);
  assert.equal(heard(() => operations.add({ tool: 'mask' })), 1);
  assert.equal(heard(() => {}), 0); // what the server found out about the same photo
  assert.equal(heard(() => operations.undo()), 1);
  assert.equal(heard(() => operations.redo()), 1);
  assert.equal(heard(() => operations.restore({ ops: [], undone: [] })), 1);
  task.set('steps', 3);
  assert.equal(changes, 5);
  task.set('steps', 3);
  assert.equal(changes, 5);
});

test('a picture belongs to the last photo that it was made of', () => {
  const photo = (key) => ({ tool: 'photo', key });
  const made = { ops: [photo('a'), { tool: 'group', ops: [photo('b'), { tool: 'mask' }] }] };
  assert.deepEqual([isMadeOf(made, photo('b')), isMadeOf(made, photo('a')), isMadeOf(made, null)], [true, false, false]);
  assert.deepEqual([isMadeOf({ ops: [{ tool: 'brush' }] }, undefined), isMadeOf({}, photo('a')), isMadeOf(null, undefined)], [true, false, false]);
});
