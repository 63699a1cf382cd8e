// Strokes to pixels. Operations are in units of the paper, 256 a side; the bitmap is three times finer, so that it looks
// crisp on the page and the model's 256 px picture of it is antialiased. The stroke list is the truth: drawing it again
// gives the same pixels, which is what makes the same seed give the same room.
import { floodFill } from './flood.js';

export const SIDE = 256;
export const SCALE = 3;
export const PIXELS = SIDE * SCALE;
export const PAPER = ['#d9d0c3', '#c3a988', 176]; // wall, floor, horizon: an empty room, because bare white reads as snow

const pictures = new Map(); // data URL -> decoded picture; filled by prepare() before an operation needs it

export function sheetCanvas(side = PIXELS) {
  return Object.assign(document.createElement('canvas'), { width: side, height: side });
}

export function createSheet(canvas = sheetCanvas()) {
  const paper = sheetCanvas();
  const context = (c) => c.getContext('2d', { willReadFrequently: true });
  const sheet = { canvas, ctx: context(canvas), paper, paperCtx: context(paper), paperOp: null };
  layPaper(sheet, { tool: 'paper', paper: PAPER });
  return sheet;
}

export function layPaper(sheet, op) {
  const c = sheet.paperCtx;
  sheet.paperOp = op;
  if (op.tool === 'picture') {
    c.imageSmoothingQuality = 'high';
    c.drawImage(pictures.get(op.src), 0, 0, PIXELS, PIXELS);
  } else {
    const [wall, floor, horizon] = op.paper;
    c.fillStyle = wall;
    c.fillRect(0, 0, PIXELS, PIXELS);
    c.fillStyle = floor;
    c.fillRect(0, horizon * SCALE, PIXELS, PIXELS);
  }
  sheet.ctx.drawImage(sheet.paper, 0, 0);
}

export function apply(sheet, op) {
  if (op.tool === 'group') for (const inner of op.ops) apply(sheet, inner);
  else if (op.tool === 'paper' || op.tool === 'picture') layPaper(sheet, op);
  else if (op.tool === 'fill') floodFill(sheet.ctx, op.point.map((v) => Math.floor(v * SCALE)), op.color);
  else drawStroke(sheet, op);
}

// `from`: only what was added since point `from`, while the pen is down.
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

// Every picture that a list of operations shows, decoded; a picture that cannot be read is an error here, not later.
export async function prepare(ops) {
  for (const op of ops) {
    if (op.tool === 'group') await prepare(op.ops);
    else if (op.tool === 'picture' && !pictures.has(op.src)) {
      const image = new Image();
      image.src = op.src;
      await image.decode();
      pictures.set(op.src, image);
    }
  }
}

// A small canvas of a list of operations, for thumbnails.
export function thumbnail(ops, side) {
  const sheet = createSheet();
  for (const op of ops) apply(sheet, op);
  const small = sheetCanvas(side);
  const c = small.getContext('2d');
  c.imageSmoothingQuality = 'high';
  c.drawImage(sheet.canvas, 0, 0, side, side);
  return small;
}
