// Bitmaps that things are marked on: transparent where nothing is.
import { PIXELS, sheetCanvas } from '../surface/draw.js';
/** @import { Operation } from '../surface/operations.js' */
/** @import { PenLayers } from '../surface/pen.js' */

/**
 * @typedef {{ canvas: HTMLCanvasElement, ctx: CanvasRenderingContext2D }} Layer
 * @typedef {{ mask: Layer, ink: Layer }} Layers  what may change, white; and strokes of colour
 */

/**
 * @param {number} side  in pixels
 * @returns {Layer}
 */
export function createLayer(side = PIXELS) { return layerOf(sheetCanvas(side)); }

/** @returns {Layer} */
export function layerOf(canvas) { return { canvas, ctx: canvas.getContext('2d', { willReadFrequently: true }) }; }

/** @returns {Layers} of the whole world */
export function createLayers() { return { mask: createLayer(), ink: createLayer() }; }

/** @param {Layers} layers */
export function wipe({ mask, ink }) { for (const { ctx } of [mask, ink]) ctx.clearRect(0, 0, PIXELS, PIXELS); }

/**
 * @param {Layer} layer
 * @param {GlobalCompositeOperation} how
 * @param {(ctx: CanvasRenderingContext2D) => void} does
 */
export function drawOn(layer, how, does) {
  layer.ctx.globalCompositeOperation = how;
  does(layer.ctx);
  layer.ctx.globalCompositeOperation = 'source-over';
}

/**
 * Puts a picture in the place of what is on the layer.
 * @param {Layer} layer
 * @param {HTMLCanvasElement} canvas
 */
export function replaceLayer(layer, canvas) {
  drawOn(layer, 'copy', (ctx) => ctx.drawImage(canvas, 0, 0, layer.canvas.width, layer.canvas.height));
}

/**
 * @param {Layer} layer
 * @returns {boolean} whether nothing at all is on it
 */
export function isEmpty({ canvas, ctx }) {
  const { data } = ctx.getImageData(0, 0, canvas.width, canvas.height);
  for (let i = 3; i < data.length; i += 4) if (data[i]) return false;
  return true;
}

/**
 * What a stroke under the pen is drawn on: both layers as they were before it, to go back to.
 * @param {Layers} shown
 * @param {(op: Operation, from?: number) => void} draw
 * @returns {PenLayers}
 */
export function penLayers(shown, draw) {
  const kept = createLayers();
  function rewind() { for (const name of ['mask', 'ink']) replaceLayer(shown[name], kept[name].canvas); }
  return {
    keep() { for (const name of ['mask', 'ink']) replaceLayer(kept[name], shown[name].canvas); },
    // A box is drawn from its first point to the last, so the one before it goes.
    draw(op, from) { if (op.tool === 'box') rewind(); draw(op, from); },
    rewind,
  };
}
