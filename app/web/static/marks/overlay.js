// What is marked, drawn so that it is seen on any photo and without colour: a tint with hatching, and a white edge.
import { PIXELS, sheetCanvas } from '../surface/draw.js';
import { photoBox } from './frame.js';
import { createLayer, drawOn, replaceLayer } from './layers.js';
/** @import { Marks } from './marks.js' */

const HATCH = 12; // pixels of a tile

/**
 * @param {object} options
 * @param {HTMLCanvasElement} options.canvas  as large as a layer
 * @param {Marks} options.marks
 * @param {boolean} options.masks  whether there is a mask to be shown
 * @param {() => string} options.colour  of the mask, #rrggbb
 * @param {() => number} options.edge  width of the white edge in pixels of the canvas
 * @returns {{ draw: () => void }} with the next picture of the screen
 */
export function createOverlay({ canvas, marks, masks, colour, edge }) {
  const layer = { canvas, ctx: canvas.getContext('2d') };
  const tinted = createLayer();
  let hatch = null;
  let hatched = '';
  let asked = false;

  function paint() {
    asked = false;
    const { ctx } = layer;
    ctx.clearRect(0, 0, PIXELS, PIXELS);
    if (!marks.photo) return;
    ctx.save();
    clipTo(ctx, photoBox(marks.photo));
    if (masks) {
      replaceLayer(tinted, marks.mask.canvas);
      if (hatched !== colour()) { hatched = colour(); hatch = buildHatch(hatched); }
      outline(layer, tinted.canvas, Math.max(1, edge()));
      drawOn(tinted, 'source-in', (c) => { c.fillStyle = c.createPattern(hatch, 'repeat'); c.fillRect(0, 0, PIXELS, PIXELS); });
      ctx.globalAlpha = 0.62;
      ctx.drawImage(tinted.canvas, 0, 0);
    }
    ctx.globalAlpha = 0.9;
    ctx.drawImage(marks.ink.canvas, 0, 0);
    ctx.restore();
  }
  return { draw() { if (!asked) { asked = true; requestAnimationFrame(paint); } } };
}

function buildHatch(colour) {
  const tile = sheetCanvas(HATCH);
  const ctx = tile.getContext('2d');
  ctx.fillStyle = colour;
  ctx.fillRect(0, 0, HATCH, HATCH);
  ctx.strokeStyle = 'rgb(255 255 255 / .75)';
  ctx.lineWidth = 1.6;
  for (const shift of [-HATCH, 0, HATCH]) {
    ctx.beginPath();
    ctx.moveTo(shift, HATCH);
    ctx.lineTo(shift + HATCH, 0);
    ctx.stroke();
  }
  return tile;
}

function clipTo(ctx, box) {
  ctx.beginPath();
  ctx.rect(...box);
  ctx.clip();
}

// A white line around what is on a canvas: it eight times, moved by the line's width, without what lies inside.
function outline(layer, inside, width) {
  const { ctx } = layer;
  for (let i = 0; i < 8; i++) ctx.drawImage(inside, width * Math.cos(i * Math.PI / 4), width * Math.sin(i * Math.PI / 4));
  drawOn(layer, 'source-in', () => { ctx.fillStyle = '#fff'; ctx.fillRect(0, 0, PIXELS, PIXELS); });
  drawOn(layer, 'destination-out', () => ctx.drawImage(inside, 0, 0));
}
