// Strokes to pixels. Operations are in units of the paper, 256 a side; the bitmap is three times finer, so that it looks
// crisp on the page and the model's 256 px picture of it is antialiased. The stroke list is the truth: drawing it again
// gives the same pixels, which is what makes the same seed give the same room.
import { floodFill } from './flood.js';
import { filledArea } from './hit.js';
import { flat } from './operations.js';
import { drawShape, SHAPES } from './shapes.js';
import { isWash, startWash } from './wash.js';
/** @import { FilledArea } from './hit.js' */
/** @import { Operation } from './operations.js' */

export const SIDE = 256;
export const SCALE = 3;
export const PIXELS = SIDE * SCALE;
export const PAPER = ['#d9d0c3', '#c3a988', 176]; // wall, floor, horizon: an empty room, because bare white reads as snow

/**
 * The bitmap under the pen, and the paper below it, to which the eraser goes back.
 * @typedef {object} Sheet
 * @property {HTMLCanvasElement} canvas
 * @property {CanvasRenderingContext2D} ctx  of the canvas
 * @property {HTMLCanvasElement} paper
 * @property {CanvasRenderingContext2D} paperCtx  of the paper
 * @property {Operation | null} paperOp  what the paper was laid by
 * @property {Map<string, HTMLImageElement>} pictures  decoded pictures by their data URL, see `prepare`
 * @property {WeakMap<Operation, FilledArea>} areas  what each fill filled when it was last drawn
 */

/** @param {number} side  in pixels */
export function sheetCanvas(side = PIXELS) {
  return Object.assign(document.createElement('canvas'), { width: side, height: side });
}

/** @returns {Sheet} with an empty room as its paper */
export function createSheet(canvas = sheetCanvas()) {
  const paper = sheetCanvas();
  const context = (c) => c.getContext('2d', { willReadFrequently: true });
  const sheet = {
    canvas, ctx: context(canvas), paper, paperCtx: context(paper), paperOp: null, pictures: new Map(), areas: new WeakMap(),
  };
  layPaper(sheet, { tool: 'paper', paper: PAPER });
  return sheet;
}

/**
 * Paper of two colours or of a picture that is prepared; what was drawn is gone.
 * @param {Sheet} sheet
 * @param {Operation} op
 */
export function layPaper(sheet, op) {
  const c = sheet.paperCtx;
  sheet.paperOp = op;
  if (op.tool === 'picture') {
    c.imageSmoothingQuality = 'high';
    c.drawImage(sheet.pictures.get(op.src), 0, 0, PIXELS, PIXELS);
  } else {
    const [wall, floor, horizon] = op.paper;
    c.fillStyle = wall;
    c.fillRect(0, 0, PIXELS, PIXELS);
    c.fillStyle = floor;
    c.fillRect(0, horizon * SCALE, PIXELS, PIXELS);
  }
  sheet.ctx.drawImage(sheet.paper, 0, 0);
}

/**
 * Any operation of a painting, drawn on its sheet.
 * @param {Sheet} sheet
 * @param {Operation} op
 */
export function apply(sheet, op) {
  if (op.tool === 'group') for (const inner of op.ops) apply(sheet, inner);
  else if (op.tool === 'paper' || op.tool === 'picture') layPaper(sheet, op);
  else if (op.tool === 'fill') fill(sheet, op);
  else if (SHAPES.includes(op.tool)) drawShape(sheet.ctx, op, SCALE);
  else if (isWash(op)) startWash(sheet, op, SCALE).draw(op.points);
  else drawStroke(sheet, op);
}

function fill(sheet, op) {
  const filled = floodFill(sheet.ctx, op.point.map((v) => Math.floor(v * SCALE)), op.color);
  if (filled) sheet.areas.set(op, filledArea(filled, PIXELS, SCALE));
}

/**
 * @param {{ ctx: CanvasRenderingContext2D, paper?: HTMLCanvasElement }} sheet
 * @param {Operation} op  its points are [x, y] or [x, y, share of the width] in units
 * @param {number} from  while the pen is down: only what was added since this point
 */
export function drawStroke(sheet, op, from = 0) {
  const { ctx } = sheet;
  const points = op.points.map(([x, y, width = 1]) => [x * SCALE, y * SCALE, width]);
  ctx.strokeStyle = op.tool === 'eraser' ? ctx.createPattern(sheet.paper, 'no-repeat') : op.color;
  ctx.lineCap = ctx.lineJoin = 'round';
  ctx.lineWidth = op.size * SCALE;
  if (points.some((point) => point[2] !== 1)) return drawPressed(ctx, points, op.size * SCALE, from);
  ctx.beginPath();
  trace(ctx, points, Math.max(from - 1, 0), points.length - 1);
  ctx.lineTo(points.at(-1)[0] + (points.length === 1 ? 0.01 : 0), points.at(-1)[1]);
  ctx.stroke();
}

// Curves through the middles of the segments, each point the control point of its corner.
function trace(ctx, points, first, last) {
  const middle = (i) => (i < 0 ? points[0] : [(points[i][0] + points[i + 1][0]) / 2, (points[i][1] + points[i + 1][1]) / 2]);
  ctx.moveTo(...middle(first - 1).slice(0, 2));
  for (let i = first; i < last; i++) ctx.quadraticCurveTo(points[i][0], points[i][1], ...middle(i));
}

function drawPressed(ctx, points, size, from) {
  for (let i = Math.max(from - 1, 0); i < points.length; i++) {
    ctx.lineWidth = size * points[i][2];
    ctx.beginPath();
    trace(ctx, points, i, Math.min(i + 1, points.length - 1));
    if (i === points.length - 1) ctx.lineTo(points[i][0] + 0.01, points[i][1]);
    ctx.stroke();
  }
}

/**
 * Decodes every picture that the operations show, before they are drawn.
 * @param {Sheet} sheet
 * @param {Operation[]} ops
 * @throws {Error} where a picture cannot be read
 */
export async function prepare(sheet, ops) {
  for (const { tool, src } of flat(ops)) {
    if (tool !== 'picture' || sheet.pictures.has(src)) continue;
    const image = new Image();
    image.src = src;
    await image.decode();
    sheet.pictures.set(src, image);
  }
}

/**
 * A small picture of a painting, for thumbnails.
 * @param {Operation[]} ops  without photos
 * @param {number} side  in pixels
 * @returns {HTMLCanvasElement}
 */
export function thumbnail(ops, side) {
  const sheet = createSheet();
  for (const op of ops) apply(sheet, op);
  const small = sheetCanvas(side);
  const c = small.getContext('2d');
  c.imageSmoothingQuality = 'high';
  c.drawImage(sheet.canvas, 0, 0, side, side);
  return small;
}
