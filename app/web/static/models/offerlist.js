// Published models that can be fetched, and how far the one is that is on its way.
import { make } from '../shared/dom.js';
import { buildCards, buildModelCard } from './modelcard.js';
import { arrivedSaid, MODEL_WORDS } from './modelwords.js';

/** @param {{ fetchModel: (id: string) => void, stop: () => void }} options */
export function buildOfferList({ fetchModel, stop }) {
  const seen = ({ offers, fetching }) => ({ offers, way: fetching?.id, stops: Boolean(fetching?.stops) });
  const list = buildCards('os-offers', MODEL_WORDS.offers, seen, ({ offers, way, stops }) => (
    offers.map((offer) => buildModelCard(offer, ...(offer.id === way ? buildWay(stops, stop) : [buildFetch(offer, { fetchModel, waits: Boolean(way) })])))));
  list.node.querySelector('h2').after(make('p', { className: 'os-note', textContent: MODEL_WORDS.offersNote }));
  return {
    node: list.node,
    show(answer) {
      list.show(answer);
      const { fetching } = answer;
      if (!fetching) return;
      const bar = list.node.querySelector('progress');
      Object.assign(bar, { value: fetching.done, max: Math.max(1, fetching.size) });
      bar.nextElementSibling.textContent = arrivedSaid(fetching);
    },
  };
}

function buildFetch({ id, name, here }, { fetchModel, waits }) {
  if (here) return make('b', { textContent: MODEL_WORDS.here });
  return make('button', {
    type: 'button', className: 'os-sm secondary', 'data-do': 'fetch', textContent: MODEL_WORDS.fetch, 'aria-label': `${MODEL_WORDS.fetch} ${name}`,
    disabled: waits, onclick: () => fetchModel(id),
  });
}

function buildWay(stops, stop) {
  return [make('progress', { 'aria-label': MODEL_WORDS.fetch }), make('span'), make('button', {
    type: 'button', className: 'os-sm secondary', 'data-do': 'stop', textContent: MODEL_WORDS.stop, disabled: stops,
    title: stops ? MODEL_WORDS.stops : '', onclick: stop,
  })];
}
