// How large the paper is shown: percent, one step less or more, Fit, and 100 %. While it is shown whole, one step more alone.
import { iconButton, make } from '../shared/dom.js';
import { PIXELS } from './draw.js';

const STEP_IN = 1.5; // of a button or key

/**
 * @typedef {object} Zoomable
 * @property {number} zoom  1 where the paper is shown whole
 * @property {(factor: number) => void} zoomBy
 * @property {() => void} fit
 */

/** @param {HTMLElement} paper */
const fitScale = (paper) => paper.clientWidth / PIXELS; // pixels of the screen for one of the painting

/**
 * @param {Zoomable} view
 * @param {HTMLElement} paper
 * @returns {Record<string, () => void>} what keys and buttons do
 */
export function zoomActions(view, paper) {
  return {
    nearer: () => view.zoomBy(STEP_IN),
    farther: () => view.zoomBy(1 / STEP_IN),
    fit: () => view.fit(),
    full: () => view.zoomBy(1 / (fitScale(paper) * view.zoom)),
  };
}

/**
 * @param {object} options
 * @param {Zoomable} options.view
 * @param {HTMLElement} options.paper  its event "viewchange" tells of every move
 */
export function buildZoom({ view, paper }) {
  const does = zoomActions(view, paper);
  const said = make('output', { 'aria-live': 'off' });
  const word = (text, tip, onclick) => make('button', { type: 'button', className: 'os-sm', textContent: text, title: tip, onclick });
  const larger = iconButton('plus', 'Larger', { tip: null, className: 'small', title: 'Larger  (+)', onclick: does.nearer });
  const node = make('div', { className: 'os-zoom', role: 'group', 'aria-label': 'Zoom' },
    iconButton('minus', 'Smaller', { tip: null, className: 'small', title: 'Smaller  (-)', onclick: does.farther }), said,
    larger,
    word('Fit', 'The whole picture  (0)', does.fit), word('100 %', 'Pixel for pixel  (1)', does.full));
  const show = () => {
    const whole = view.zoom === 1;
    if (whole && node.contains(document.activeElement)) larger.focus(); // the others go
    node.classList.toggle('whole', whole);
    said.textContent = `${Math.round(100 * view.zoom * fitScale(paper))} %`;
  };
  paper.addEventListener('viewchange', show);
  show();
  return node;
}
