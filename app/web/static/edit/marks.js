// A photo and what is marked on it: the square that the model works in, a mask, strokes of colour. Operations with undo, as
// on the paper, in units of a world of 256 a side: the photo's long side takes 192 of them, and the margin around it is
// where a photo can be extended to. Opening a photo and placing the square are operations too.
import { decoded, keysOf, photos } from '../files/photos.js';
import { drawStroke, PIXELS, SCALE, sheetCanvas, SIDE } from '../surface/draw.js';
import { flat } from '../surface/strokes.js';

const PHOTO_UNITS = 192;
export const BEFORE_SIDE = 512;
export const SMALLEST = 32;       // units of a square: the view enlarges eight times
const MASK_SIDE = 4096;    // pixels of the longer side of a mask, at most: larger photos have theirs enlarged
const INK_SIDE = 1024;     // the same of strokes of colour, of which the model sees little more than the colour
const ACCENT = '#0b6b5d';

// How a photo of this size lies in the world.
export function photoFrame({ width, height }) {
  const k = PHOTO_UNITS / Math.max(width, height);
  return { k, x: (SIDE - width * k) / 2, y: (SIDE - height * k) / 2, width: width * k, height: height * k };
}
// The squares in its middle: within the photo, and around all of it.
function squareOf({ width, height }, side) { return [Math.floor((width - side) / 2), Math.floor((height - side) / 2), side]; }
export function centredSquare(photo) { return squareOf(photo, Math.min(photo.width, photo.height)); }
export function squareAround(photo) { return squareOf(photo, Math.max(photo.width, photo.height)); }

function alphaLayer(side = PIXELS) {
  const canvas = sheetCanvas(side);
  return { canvas, ctx: canvas.getContext('2d', { willReadFrequently: true }) };
}
function replaceLayer(layer, canvas) {
  layer.ctx.globalCompositeOperation = 'copy';
  layer.ctx.drawImage(canvas, 0, 0, layer.canvas.width, layer.canvas.height);
  layer.ctx.globalCompositeOperation = 'source-over';
}

// masks: strokes say what may change; without, they are only colour. changeBefore(context, drawSquare, photo) changes the "before" picture.
export function createMarks({ masks, optional, mayExtend, changeBefore }) {
  const mask = alphaLayer();
  const ink = alphaLayer();
  const kept = [alphaLayer(), alphaLayer()];
  const before = alphaLayer(BEFORE_SIDE);
  const probe = alphaLayer(128);
  const shown = { mask, ink };
  const markPictures = new Map(); // data URL -> canvas of a mask, opaque where it is, or of colour
  let ops = [];
  let undone = [];
  let photo = null;
  let square = null;
  let marked = { any: false, all: false };

  function draw(layer, how, does) {
    layer.ctx.globalCompositeOperation = how;
    does(layer.ctx);
    layer.ctx.globalCompositeOperation = 'source-over';
  }
  const wipe = (on) => { for (const layer of [on.mask, on.ink]) layer.ctx.clearRect(0, 0, PIXELS, PIXELS); };
  const cutTo = (layer, other) => draw(layer, 'destination-in', (c) => { c.save(); c.resetTransform(); c.drawImage(other.canvas, 0, 0); c.restore(); });
  const stroke = (layer, how, op, color, from) => draw(layer, how, () => drawStroke(layer, { ...op, tool: 'brush', color }, from));
  function rectangle(op) {
    const [[ax, ay], [bx, by]] = [op.points[0], op.points.at(-1)];
    return [Math.min(ax, bx), Math.min(ay, by), Math.abs(ax - bx), Math.abs(ay - by)].map((v) => v * SCALE);
  }
  // The photo's place, or that of a part of it: inset by pixels at the left, top, right and bottom.
  function inFrame([left, top, right, bottom] = [0, 0, 0, 0]) {
    const f = photoFrame(photo);
    return [f.x + left * f.k, f.y + top * f.k, f.width - (left + right) * f.k, f.height - (top + bottom) * f.k].map((v) => v * SCALE);
  }

  function applyMark(op, from) {
    switch (op.tool) {
      case 'group': for (const inner of op.ops) applyMark(inner); break;
      case 'photo': {
        photo = photos.get(op.key);
        square = op.square;
        if (!op.keep) wipe(shown);
        break;
      }
      case 'square': square = op.square; break;
      default: drawMark(op, shown, from);
    }
  }
  // One mark on the layers { mask, ink }: those that are shown, or larger ones.
  function drawMark(op, on, from) {
    switch (op.tool) {
      case 'clear': wipe(on); break;
      case 'mask': stroke(on.mask, 'source-over', op, '#fff', from); stroke(on.ink, 'destination-out', op, '#fff', from); break;
      case 'eraser': stroke(on.mask, 'destination-out', op, '#fff', from); stroke(on.ink, 'destination-out', op, '#fff', from); break;
      case 'paint': if (masks) stroke(on.mask, 'source-over', op, '#fff', from); stroke(on.ink, 'source-over', op, op.color, from); break;
      case 'box': draw(on.mask, 'source-over', (c) => { c.fillStyle = '#fff'; c.fillRect(...rectangle(op)); }); on.ink.ctx.clearRect(...rectangle(op)); break;
      case 'invert': draw(on.mask, 'xor', (c) => { c.fillStyle = '#fff'; c.fillRect(...inFrame()); }); cutTo(on.ink, on.mask); break;
      case 'picture': wipe(on); on.mask.ctx.drawImage(markPictures.get(op.src), ...inFrame()); break;
      case 'ink': on.ink.ctx.drawImage(markPictures.get(op.src), ...inFrame(op.inset)); break;
    }
  }
  // A layer of the photo alone, drawn again from its marks with `most` pixels on the longer side (the photo's, where it has
  // fewer): its edges are as sharp as they were painted, however large the photo.
  function drawnAt(which, most, background) {
    const scale = Math.min(1, most / Math.max(photo.width, photo.height));
    const [width, height] = [photo.width, photo.height].map((v) => Math.max(1, Math.round(v * scale)));
    const [x, y, w, h] = inFrame();
    const [on, at] = [{}, [width / w, 0, 0, height / h, -x * width / w, -y * height / h]];
    for (const name of ['mask', 'ink']) {
      const canvas = Object.assign(document.createElement('canvas'), { width, height });
      on[name] = { canvas, ctx: canvas.getContext('2d', { willReadFrequently: true }) };
      on[name].ctx.setTransform(...at);
    }
    for (const op of current()) drawMark(op, on);
    const { canvas, ctx } = on[which];
    if (background) { ctx.resetTransform(); ctx.globalCompositeOperation = 'destination-over'; ctx.fillStyle = background; ctx.fillRect(0, 0, width, height); }
    return canvas.toDataURL('image/png');
  }
  // Since the last photo that began afresh.
  function current() {
    const all = flat(ops);
    return all.slice(Math.max(0, all.findLastIndex((op) => op.tool === 'photo' && !op.keep)));
  }
  function redraw() {
    wipe(shown);
    photo = square = null;
    for (const op of ops) applyMark(op);
    look();
  }

  // The "before" picture and whether anything is marked.
  function look() {
    const { ctx } = before;
    ctx.clearRect(0, 0, BEFORE_SIDE, BEFORE_SIDE);
    marked = { any: false, all: false };
    if (!photo) return;
    drawSquare(ctx, photo.image, BEFORE_SIDE);
    changeBefore?.(ctx, drawSquare, photo);
    const [x, y, side] = world();
    const inSquare = coverage([x, y, side, side].map((v) => v * SCALE));
    marked = { any: inSquare.any || coverage(inFrame()).any || Boolean(extend()), all: inSquare.all };
  }
  function coverage(box) {
    probe.ctx.clearRect(0, 0, 128, 128);
    probe.ctx.drawImage(mask.canvas, ...box, 0, 0, 128, 128);
    const { data } = probe.ctx.getImageData(0, 0, 128, 128);
    let touched = 0;
    let full = 0;
    for (let i = 3; i < data.length; i += 4) { if (data[i]) touched += 1; if (data[i] > 250) full += 1; }
    return { any: touched > 0, all: full === 128 * 128 };
  }
  function drawSquare(ctx, image, side) {
    const scale = side / square[2];
    ctx.imageSmoothingQuality = 'high';
    ctx.drawImage(image, -square[0] * scale, -square[1] * scale, photo.width * scale, photo.height * scale);
  }
  function world() {
    const f = photoFrame(photo);
    return [f.x + square[0] * f.k, f.y + square[1] * f.k, square[2] * f.k];
  }
  // How far the photo is extended to fill the square: left, top, right, bottom; null where it is not.
  function extend() {
    if (!mayExtend) return null;
    const [x, y, side] = square;
    const out = [-x, -y, x + side - photo.width, y + side - photo.height].map((v) => Math.max(0, v));
    return out.some(Boolean) ? out : null;
  }
  const empty = (layer) => !layer.ctx.getImageData(0, 0, PIXELS, PIXELS).data.some((value, i) => i % 4 === 3 && value);

  return {
    sheet: before,
    mask, ink,
    get photo() { return photo; },
    get square() { return square; },
    get marked() { return marked; },
    world, extend, look, drawSquare,
    // Whether nothing is kept: of the square, or of the whole photo where the model's squares are free.
    isFull: (free) => Boolean(photo) && (free ? coverage(inFrame()).all : marked.all),
    layers: {
      keep() { replaceLayer(kept[0], mask.canvas); replaceLayer(kept[1], ink.canvas); },
      draw(op, from) { if (op.tool === 'box') this.rewind(); applyMark(op, from); },
      rewind() { replaceLayer(mask, kept[0].canvas); replaceLayer(ink, kept[1].canvas); },
    },
    add(op) {
      if (op.tool === 'box') op.points = [op.points[0], op.points.at(-1)];
      ops.push(op);
      undone = [];
      applyMark(op);
      look();
    },
    undo() { if (!ops.length) return false; undone.push(ops.pop()); redraw(); return true; },
    redo() { if (!undone.length) return false; ops.push(undone.pop()); redraw(); return true; },
    get canUndo() { return ops.length > 0; },
    get canRedo() { return undone.length > 0; },
    get count() { return ops.length; },
    // Nothing to be done yet.
    get untouched() { return !photo || (!optional && !marked.any); },
    current,
    colorAt([x, y]) {
      const f = photoFrame(photo);
      const one = alphaLayer(1);
      const scale = photo.image.naturalWidth / f.width;
      one.ctx.drawImage(photo.image, (x - f.x) * scale, (y - f.y) * scale, 1, 1, 0, 0, 1, 1);
      return `#${[...one.ctx.getImageData(0, 0, 1, 1).data].slice(0, 3).map((v) => v.toString(16).padStart(2, '0')).join('')}`;
    },
    maskUrl: () => (masks && !empty(mask) ? drawnAt('mask', MASK_SIDE, '#000') : null),
    inkUrl: () => (empty(ink) ? null : drawnAt('ink', INK_SIDE)),
    // What the pictures among these operations hold, read. Raises where one cannot be.
    async prepare(list) {
      for (const { tool, src } of flat(list)) {
        if (tool === 'picture') await this.loadMask(src);
        if (tool === 'ink' && !markPictures.has(src)) markPictures.set(src, await decoded(src));
      }
    },
    // A mask from a file: white is to be filled, whatever its size.
    async loadMask(src) {
      if (markPictures.has(src)) return;
      const image = await decoded(src);
      const layer = alphaLayer(1);
      const scale = Math.min(1, MASK_SIDE / Math.max(image.naturalWidth, image.naturalHeight));
      layer.canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
      layer.canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
      layer.ctx.drawImage(image, 0, 0, layer.canvas.width, layer.canvas.height);
      const pixels = layer.ctx.getImageData(0, 0, layer.canvas.width, layer.canvas.height);
      for (let i = 0; i < pixels.data.length; i += 4) {
        const white = pixels.data[i + 3] > 127 && pixels.data[i] + pixels.data[i + 1] + pixels.data[i + 2] > 382;
        pixels.data.set(white ? [255, 255, 255, 255] : [0, 0, 0, 0], i);
      }
      layer.ctx.putImageData(pixels, 0, 0);
      markPictures.set(src, layer.canvas);
    },
    save() { return { ops, undone }; },
    async load(saved, recall) {
      const all = flat([...saved.ops, ...saved.undone]);
      for (const key of new Set(keysOf(all))) await recall(key);
      await this.prepare(all);
      [ops, undone] = [saved.ops, saved.undone];
      redraw();
    },
  };
}

// What is marked, drawn so that it is seen on any photo and without colour: a tint with hatching, and a white edge.
export function createOverlay({ canvas, marks, masks, edge }) {
  const ctx = canvas.getContext('2d');
  const tinted = alphaLayer();
  const hatch = sheetCanvas(12);
  const h = hatch.getContext('2d');
  h.fillStyle = ACCENT;
  h.fillRect(0, 0, 12, 12);
  h.strokeStyle = 'rgb(255 255 255 / .75)';
  h.lineWidth = 1.6;
  for (const shift of [-12, 0, 12]) { h.beginPath(); h.moveTo(shift, 12); h.lineTo(shift + 12, 0); h.stroke(); }
  let asked = false;

  function tint() {
    const t = tinted.ctx;
    replaceLayer(tinted, marks.mask.canvas);
    const out = marks.extend();
    if (out) {
      const [x, y, side] = marks.world().map((v) => v * SCALE);
      const f = photoFrame(marks.photo);
      t.fillRect(x, y, side, side);
      t.globalCompositeOperation = 'destination-out';
      t.fillRect(f.x * SCALE, f.y * SCALE, f.width * SCALE, f.height * SCALE);
      t.globalCompositeOperation = 'source-over';
      t.save();
      t.beginPath();
      t.rect(f.x * SCALE, f.y * SCALE, f.width * SCALE, f.height * SCALE);
      t.clip();
      t.drawImage(marks.mask.canvas, 0, 0);
      t.restore();
    }
  }
  function paint() {
    asked = false;
    ctx.clearRect(0, 0, PIXELS, PIXELS);
    if (!marks.photo) return;
    ctx.save();
    ctx.beginPath();
    const f = photoFrame(marks.photo);
    const [x, y, side] = marks.world();
    const [left, top] = [Math.min(x, f.x), Math.min(y, f.y)];
    ctx.rect(left * SCALE, top * SCALE, (Math.max(x + side, f.x + f.width) - left) * SCALE, (Math.max(y + side, f.y + f.height) - top) * SCALE);
    ctx.clip();
    if (masks) {
      tint();
      const by = Math.max(1, edge());
      for (let i = 0; i < 8; i++) ctx.drawImage(tinted.canvas, by * Math.cos(i * Math.PI / 4), by * Math.sin(i * Math.PI / 4));
      ctx.globalCompositeOperation = 'source-in';
      ctx.fillStyle = '#fff';
      ctx.fillRect(0, 0, PIXELS, PIXELS);
      ctx.globalCompositeOperation = 'destination-out';
      ctx.drawImage(tinted.canvas, 0, 0);
      tinted.ctx.globalCompositeOperation = 'source-in';
      tinted.ctx.fillStyle = tinted.ctx.createPattern(hatch, 'repeat');
      tinted.ctx.fillRect(0, 0, PIXELS, PIXELS);
      tinted.ctx.globalCompositeOperation = 'source-over';
      ctx.globalCompositeOperation = 'source-over';
      ctx.globalAlpha = 0.62;
      ctx.drawImage(tinted.canvas, 0, 0);
    }
    ctx.globalAlpha = 0.9;
    ctx.drawImage(marks.ink.canvas, 0, 0);
    ctx.restore();
  }
  return { draw() { if (!asked) { asked = true; requestAnimationFrame(paint); } } };
}
