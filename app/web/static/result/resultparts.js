// The parts of the result: empty state, progress, banner, compare wipe, actions with the send-to menu.
import { resultAddress, saveFrom } from '../files/zip.js';
import { onestroke } from '../shared/bus.js';
import { iconButton, make, roving, setPressed } from '../shared/dom.js';
import { icon } from '../shared/icons.js';
import { thumbnail } from '../surface/draw.js';

export function buildEmpty({ task, examples, words = ['Your room appears here', 'after every stroke, by itself'] }) {
  const thumb = (example) => exampleThumb(example, 84, () => task.do('load', { name: example.name, ops: exampleOps(example) }));
  const row = make('div', { className: 'os-row' }, ...examples.slice(0, 3).map(thumb));
  const more = make('button', { type: 'button', className: 'os-link', textContent: 'or start from someone\'s strokes', onclick: () => onestroke.open('examples') });
  return make('div', { className: 'os-empty' }, make('b', { textContent: words[0] }), make('span', { textContent: words[1] }), examples.length ? row : null, examples.length ? more : null);
}

export function exampleOps({ paper, ops }) { return [{ tool: 'paper', paper }, ...ops]; }

export function exampleThumb(example, side, does) {
  const picture = thumbnail(exampleOps(example), side * 2);
  picture.setAttribute('aria-hidden', 'true');
  return make('button', { type: 'button', className: 'os-thumb', 'data-example': example.name, 'aria-label': `Example: ${example.title}`, title: example.title, onclick: does }, picture);
}

// A bar for each step of a walk, filled once it is taken. The last one, too, before all of them fade.
export function buildProgress() {
  const node = make('div', { className: 'os-progress', 'aria-hidden': 'true' });
  function show({ name, step, steps }) {
    if (name === 'thinking' || name === 'refined') node.replaceChildren(...Array.from({ length: steps }, (_, i) => make('i', { className: i < step ? 'done' : '' })));
  }
  return { node, show };
}

// A message over the lower edge of the picture, so that nothing moves. A notice goes away with Close; a state's with the state.
export function buildBanner() {
  const head = make('b');
  const text = make('span');
  const buttons = make('div', { className: 'os-choices' });
  const node = make('div', { className: 'os-banner', hidden: true }, make('div', {}, head, text), buttons);
  let holdsNotice = false;
  function say(message) {
    if (!message && holdsNotice) return; // a live picture does not answer a question for the person
    holdsNotice = Boolean(message?.notice);
    node.hidden = !message;
    if (!message) return;
    node.setAttribute('role', message.alert ? 'alert' : 'status');
    node.classList.toggle('alert', Boolean(message.alert));
    head.textContent = message.head;
    text.textContent = message.text;
    const close = () => { holdsNotice = false; node.hidden = true; };
    buttons.replaceChildren(...(message.choices ?? []).map(([label, does]) => make('button', { type: 'button', className: 'os-sm secondary', textContent: label, onclick: () => { close(); does(); } })),
      ...(message.notice ? [iconButton('close', 'Close', { className: 'small', 'data-tip': null, onclick: close })] : []));
  }
  return { node, say };
}

export function buildCompare({ root, task, labels }) {
  const before = make('canvas', { className: 'os-before', width: 512, height: 512, 'aria-hidden': 'true' });
  const slider = make('input', { type: 'range', min: 0, max: 100, step: 1, value: 50, 'aria-label': `Compare: ${labels[0]} left, ${labels[1]} right`, oninput: () => root.style.setProperty('--wipe', `${slider.value}%`) });
  slider.addEventListener('keydown', (event) => {
    const by = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5 }[event.key];
    if (!by) return;
    event.preventDefault();
    slider.value = +slider.value + by;
    root.style.setProperty('--wipe', `${slider.value}%`);
  });
  const wipe = make('div', { className: 'os-wipe' }, slider, make('span', { className: 'grip' }, icon('wipe')), make('span', { className: 'os-tag l', textContent: labels[0] }), make('span', { className: 'os-tag r', textContent: labels[1] }));
  const compare = {
    before, wipe, draw, on: false,
    set(on) {
      compare.on = on;
      root.classList.toggle('comparing', on);
      task.emit('comparing', on);
      if (on) draw();
    },
  };
  function draw() {
    if (!task.painting) return;
    const c = before.getContext('2d');
    c.imageSmoothingQuality = 'high';
    c.drawImage(task.painting.sheet.canvas, 0, 0, 512, 512);
  }
  task.on('painting', () => { if (compare.on) draw(); });
  return compare;
}

export function buildActions({ task, picture, another = 'Another room', tip = 'Compare with your strokes  (C)' }) {
  const reroll = iconButton('dice', another, { className: 'os-phone', 'data-do': 'reroll', onclick: () => task.do('reroll') });
  const wipe = iconButton('compare', 'Compare', { tip, 'data-do': 'compare', 'aria-pressed': 'false', onclick: () => task.do('compare') });
  const download = iconButton('download', 'Download', { tip: 'Download PNG with its settings  (D)', 'data-do': 'download', onclick: () => task.do('download') });
  const menu = buildMenu({ task, picture });
  const node = make('div', { className: 'os-actions', role: 'toolbar', 'aria-label': 'Picture' }, reroll, wipe, download, menu.node);
  const rove = roving(node, '.ib');
  task.on('comparing', (on) => setPressed(wipe, on));
  let extra = null;
  return {
    node,
    refresh() {
      const none = !picture();
      for (const button of [wipe, download, menu.button]) button.disabled = none;
      reroll.disabled = none;
      rove();
    },
    // Stop stands beside the actions; on the phone the banner's button comes here too.
    stop(stoppable, banner) {
      const label = stoppable ? 'Stop' : banner?.button;
      const does = stoppable || banner?.leave ? 'stop' : 'again';
      if (extra?.textContent === (label ?? '')) return;
      extra?.remove();
      extra = label ? make('button', { type: 'button', className: `os-sm secondary${stoppable ? '' : ' os-phone'}`, 'data-do': does, textContent: label, onclick: () => task.do(does) }) : null;
      if (extra) node.prepend(extra);
    },
  };
}

// Where a picture can go: filled by the tabs that exist, hidden while there is nowhere to go.
export function buildMenu({ task, picture, tip = 'Send to' }) {
  const list = make('div', { role: 'menu', hidden: true });
  const button = iconButton('send', 'Send to', { tip, 'data-do': 'menu', 'aria-haspopup': 'menu', 'aria-expanded': 'false', onclick: () => open(list.hidden) });
  const node = make('div', { className: 'os-menu' }, button, list);
  function open(on) {
    list.hidden = !on;
    button.setAttribute('aria-expanded', String(on));
    if (on) list.querySelector('button')?.focus();
  }
  function refresh() {
    const targets = onestroke.targets.filter((target) => target.everywhere || (target.from ? target.from.includes(task.name) : target.task !== task.name))
      .sort((a, b) => Boolean(b.from) - Boolean(a.from));
    node.hidden = !targets.length;
    list.replaceChildren(...targets.map((target) => make('button', { type: 'button', role: 'menuitem', onclick: () => { open(false); const sent = picture(); if (sent) target.take(sent); } }, target.label, make('span', { textContent: target.hint }))));
  }
  node.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !list.hidden) { event.stopPropagation(); open(false); button.focus(); }
  });
  roving(list, 'button');
  document.addEventListener('pointerdown', (event) => { if (!node.contains(event.target)) open(false); });
  document.addEventListener('onestroke-targets', refresh);
  refresh();
  return { node, button };
}

// The lossless picture at the model's own size, its settings inside. Made in the page: no file stays on the server.
export function savePicture({ png, seed, final }) {
  const href = final?.result ? resultAddress(final.result) : png;
  if (href) saveFrom(href, `onestroke-${seed ?? 'room'}.png`);
}
