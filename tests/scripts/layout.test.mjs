// Small decisions about what is on the page: tools of an edit, columns of a grid, the view under fingers.
import assert from 'node:assert/strict';
import test from 'node:test';
import './page.mjs';
import { seeded } from './random.mjs';
import { createPhotoView } from '../../app/web/static/edit/photoview.js';
import { photoToolKeys, photoTools } from '../../app/web/static/edit/phototools.js';
import { bestGrid } from '../../app/web/static/result/grid.js';
import { roving } from '../../app/web/static/shared/dom.js';
import { createPan } from '../../app/web/static/surface/pan.js';
import { createTools } from '../../app/web/static/surface/tools.js';

test('an edit has the tools for what it can, and keys for no others', () => {
  const expected = { '': [], masks: ['mask', 'eraser', 'box'], colours: ['paint', 'eraser', 'pick'], 'masks,colours': ['mask', 'eraser', 'box', 'paint'] };
  for (const [words, names] of Object.entries(expected)) {
    const can = { masks: words.includes('masks'), colours: words.includes('colours') };
    assert.deepEqual(photoTools(can).map(([name]) => name), names);
    const chosen = [];
    const keys = photoToolKeys({ can, tools: { set: ({ tool }) => chosen.push(tool), swap: () => chosen.push('swap') } });
    for (const does of Object.values(keys)) does();
    assert.deepEqual(new Set(chosen), new Set([...names, ...(can.colours ? ['swap'] : [])]));
  }
});

test('no other number of columns gives larger pictures, and all of them fit', () => {
  const random = seeded(21);
  for (let round = 0; round < 500; round++) {
    const [count, width, height] = [1 + random.below(16), 100 + random.below(1500), 100 + random.below(900)];
    const { columns, side } = bestGrid(count, width, height);
    const rows = Math.ceil(count / columns);
    assert.ok(columns * side + 8 * (columns - 1) <= width && rows * side + 8 * (rows - 1) <= height);
    for (let other = 1; other <= count; other++) {
      const otherRows = Math.ceil(count / other);
      const larger = side + 1;
      assert.ok(other * larger + 8 * (other - 1) > width || otherRows * larger + 8 * (otherRows - 1) > height, `${count} in ${width} x ${height}`);
    }
  }
});

test('eight pictures, as it begins with, fill the width of the room that the page gives them', () => {
  for (let side = 300; side <= 1120; side += 7) {
    const width = 2 * side + 88; // paper, rail and result (app/web/static/style.css)
    const { columns, side: picture } = bestGrid(8, width, side + 40);
    assert.ok(width - (columns * (picture + 8) - 8) < columns, `${side}`);
  }
});

test('two fingers keep the points of the paper under them', () => {
  const random = seeded(22);
  for (let round = 0; round < 100; round++) {
    let [zoom, x, y] = [1, 0, 0];
    const pan = createPan({
      zoomAt(px, py, factor) { x = px - (px - x) * factor; y = py - (py - y) * factor; zoom *= factor; },
      moveBy(dx, dy) { x += dx; y += dy; },
    });
    const at = () => ({ clientX: random.next() * 500, clientY: random.next() * 500 });
    const under = ({ clientX, clientY }) => [(clientX - x) / zoom, (clientY - y) / zoom];
    const middle = ([a, b]) => ({ clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 });
    const fingers = [at(), at()];
    fingers.forEach((finger, i) => { assert.equal(pan.touch({ pointerId: i + 1, ...finger }), i + 1); });
    const before = under(middle(fingers));
    for (let turn = 0; turn < 10; turn++) {
      const which = random.below(2);
      fingers[which] = at();
      assert.equal(pan.move({ pointerId: which + 1, ...fingers[which] }), true);
      const now = under(middle(fingers));
      now.forEach((value, i) => { assert.ok(Math.abs(value - before[i]) < 1e-6); });
    }
    for (const id of [1, 2]) pan.lift({ pointerId: id });
    assert.equal(pan.on, false);
  }
});

test('a colour that is taken from a picture is painted with next', () => {
  const coloured = ['brush', 'fill', 'rect', 'select'];
  for (const tool of [...coloured, 'eraser']) {
    for (const how of ['eyedropper', 'alt']) {
      const tools = createTools({ task: { emit() {} } });
      tools.set({ tool });
      if (how === 'eyedropper') tools.set({ tool: 'pick' });
      tools.pick('#123456');
      assert.deepEqual([tools.tool, tools.color], [tool === 'eraser' ? 'brush' : tool, '#123456'], `${tool}, ${how}`);
    }
  }
});

test('a group has one stop for Tab, the chosen item where there is one', () => {
  const random = seeded(25);
  for (let round = 0; round < 200; round++) {
    const seen = random.below(2) > 0; // a group that is being built is not
    const chosen = random.below(8);
    const item = (at) => ({ tabIndex: 0, disabled: false, offsetParent: seen ? {} : null, getAttribute: () => String(at === chosen) });
    let items = Array.from({ length: 1 + random.below(6) }, (_, at) => item(at));
    const rove = roving({ querySelectorAll: () => items, addEventListener() {} }, '');
    rove();
    const stops = () => items.map((each, at) => (each.tabIndex === 0 ? at : -1)).filter((at) => at >= 0);
    assert.deepEqual(stops(), [chosen < items.length ? chosen : 0]);
    items = [...items, item(items.length)];
    rove();
    assert.equal(stops().length, 1);
  }
});

test('tools keep their size within bounds and remember what was before', () => {
  const random = seeded(23);
  const heard = [];
  const tools = createTools({ task: { emit: (name) => heard.push(name) } });
  for (let turn = 0; turn < 300; turn++) {
    const old = { tool: tools.tool, color: tools.color, size: tools.size };
    const change = random.of([{ tool: random.of(['brush', 'eraser', 'fill', 'pick']) }, { color: random.of(['#111111', '#222222']) }, { size: random.next() * 200 - 50 }]);
    tools.set(change);
    assert.ok(Number.isInteger(tools.size) && tools.size >= 2 && tools.size <= 72);
    if (tools.tool !== old.tool) assert.equal(tools.before, old.tool);
    if (tools.color !== old.color) { tools.swap(); assert.equal(tools.color, old.color); }
    tools.grow(random.of([1.15, 1 / 1.15]));
    assert.ok(tools.size >= 2 && tools.size <= 72);
  }
  assert.ok(heard.length > 300 && heard.every((name) => name === 'tools'));
});

// A view over a paper of 400 by 400 pixels, of a photo of which `marks` says the square.
function photoView(marks, wide = () => 'home') {
  const paper = Object.assign(new EventTarget(), { getBoundingClientRect: () => ({ left: 0, top: 0, width: 400, height: 400 }) });
  const layer = { style: {}, classList: { toggle() {} } };
  return { view: createPhotoView({ paper, layer, marks, wide }), layer };
}
const photoMarks = () => ({ photo: { key: 'a' }, square: [0, 0, 64], world() { return this.square; } });

test('a view of a photo stays where a person brought it until the photo or its square is another', () => {
  const others = {
    'another square': (marks) => { marks.square = [64, 0, 64]; },
    'another photo': (marks) => { marks.photo = { key: 'b' }; },
    'no photo': (marks) => { marks.photo = null; },
  };
  for (const [name, change] of Object.entries(others)) {
    const marks = photoMarks();
    const { view, layer } = photoView(marks);
    view.follow();
    assert.equal(view.zoom, 1);
    view.zoomAt(100, 300, 1.5);
    view.moveBy(-30, 20);
    const brought = layer.style.transform;
    for (let round = 0; round < 3; round++) view.follow();
    assert.equal(layer.style.transform, brought);
    change(marks);
    view.follow();
    const moved = layer.style.transform;
    view.fit();
    assert.equal(layer.style.transform, moved, name);
    assert.notEqual(moved, brought, name);
  }
});

test('at home the square fills the paper; while it is placed, the whole world does', () => {
  const random = seeded(23);
  let wide = 'home';
  const marks = photoMarks();
  const { view, layer } = photoView(marks, () => wide);
  for (let round = 0; round < 50; round++) {
    const side = 32 + random.below(224);
    marks.square = [random.below(257 - side), random.below(257 - side), side];
    wide = 'home';
    view.follow();
    const [x, y, scale] = (layer.style.transform || 'translate(0%, 0%) scale(1)').match(/-?\d[-.e\d]*/g).map(Number);
    const at = [marks.square[0] / 256 * scale + x / 100, marks.square[1] / 256 * scale + y / 100, side / 256 * scale];
    for (const [i, wanted] of [0, 0, 1].entries()) assert.ok(Math.abs(at[i] - wanted) < 1e-9, String(at));
    wide = 'world';
    view.follow();
    assert.equal(layer.style.transform, '');
  }
});

test('a photo that is seen whole fills the paper, with room around it while it is extended, and is never left', () => {
  const random = seeded(24);
  let wide = 'home';
  const marks = { ...photoMarks(), wholeSeen: true };
  const { view } = photoView(marks, () => wide);
  for (let round = 0; round < 100; round++) {
    const side = 100 + random.below(500);
    marks.square = [random.below(256) - 200, random.below(256) - 200, side];
    for (wide of ['home', 'room']) {
      view.follow();
      const [x, y, shown] = view.onPaper(marks.square);
      assert.ok(Math.abs(2 * x + shown - 256) < 1e-6 && Math.abs(2 * y + shown - 256) < 1e-6);
      assert.ok(wide === 'home' ? Math.abs(shown - 256) < 1e-6 : shown < 200);
    }
    wide = 'home';
    view.follow();
    for (let turn = 0; turn < 5; turn++) {
      view.zoomAt(random.below(400), random.below(400), 0.3 + 2 * random.next());
      view.moveBy(random.below(800) - 400, random.below(800) - 400);
      const [x, y, shown] = view.onPaper(marks.square);
      assert.ok(x < 1e-6 && y < 1e-6 && x + shown > 256 - 1e-6 && y + shown > 256 - 1e-6);
    }
  }
});
