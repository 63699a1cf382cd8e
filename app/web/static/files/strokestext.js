// The strokes of a painting as text in the PNG file of its picture, so that each can be changed when the file is brought back.
// Whoever brings a file may have written it: only what a hand could have drawn here is read.
import { SHAPES } from '../surface/shapes.js';
/** @import { Operation } from '../surface/operations.js' */

export const STROKES_KEY = 'onestroke-strokes';
export const STROKES_MAX = 1 << 20; // bytes of text
const STEPS_MAX = 5000;             // of a painting
const REACH_MAX = 10000;             // units: a stroke may go far beside the paper
const PICTURE = /^data:image\/(png|jpeg|webp);base64,[A-Za-z0-9+/=]+$/;

/**
 * @param {Operation[]} ops  a painting's steps, without groups
 * @returns {string | null} the text; null where there is no stroke in it, or too much for a file
 */
export function strokesText(ops) {
  if (!ops.some(isStroke)) return null;
  const text = JSON.stringify(ops);
  return new TextEncoder().encode(text).length <= STROKES_MAX ? text : null;
}

/**
 * @param {string | null} text  of a file
 * @returns {Operation[] | null} null where there is none, or one step of it is none of ours
 */
export function strokesIn(text) {
  try {
    const ops = JSON.parse(text ?? 'null');
    if (!Array.isArray(ops) || ops.length > STEPS_MAX) return null;
    const checked = ops.map(checkedStep);
    return checked.every(Boolean) && checked.some(isStroke) ? checked : null;
  } catch { return null; }
}

const isStroke = ({ tool }) => tool !== 'paper' && tool !== 'picture';
const isNumber = (low, high) => (value) => typeof value === 'number' && value >= low && value <= high;
const isShare = isNumber(0, 1);
const isUnit = isNumber(-REACH_MAX, REACH_MAX);
const isColor = (value) => typeof value === 'string' && /^#[0-9a-f]{6}$/i.test(value);
const isPoint = (value) => Array.isArray(value) && (value.length === 2 || value.length === 3)
  && isUnit(value[0]) && isUnit(value[1]) && (value.length === 2 || isShare(value[2]));
const arePoints = (least, most) => (value) => Array.isArray(value) && value.length >= least && value.length <= most && value.every(isPoint);

/** @type {Record<string, (value: any) => boolean>} what a step may say, besides what its tool needs */
const MAY = { opacity: isShare, soft: isShare };
const isSize = isNumber(0.1, 256);
const anyPoints = arePoints(1, STROKES_MAX);
/** @type {Record<string, Record<string, (value: any) => boolean>>} what a step of a tool says */
const NEEDS = {
  paper: { paper: (value) => Array.isArray(value) && value.length === 3 && isColor(value[0]) && isColor(value[1]) && isUnit(value[2]) },
  picture: { src: (value) => typeof value === 'string' && PICTURE.test(value) },
  brush: { color: isColor, size: isSize, points: anyPoints },
  eraser: { size: isSize, points: anyPoints },
  fill: { color: isColor, point: isPoint },
  ...Object.fromEntries(SHAPES.map((tool) => [tool, { color: isColor, points: tool === 'polygon' ? arePoints(3, STROKES_MAX) : arePoints(2, 2) }])),
};

/** @returns {Operation | null} a step with nothing in it but what is known */
function checkedStep(step) {
  const needs = Object.hasOwn(NEEDS, step?.tool) ? NEEDS[step.tool] : null;
  if (!needs || !Object.keys(needs).every((name) => needs[name](step[name]))) return null;
  const said = Object.keys(MAY).filter((name) => step[name] !== undefined);
  if (!said.every((name) => MAY[name](step[name]))) return null;
  return Object.fromEntries(['tool', ...Object.keys(needs), ...said].map((name) => [name, step[name]]));
}
