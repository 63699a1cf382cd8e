// The server says which model is in use: once when it is there, and where it may be changed every now and then.
import { onestroke } from '../shared/bus.js';

const NEWS_MS = 2000;

/** @param {any} server  its functions, as Gradio gives them */
export function hearModelNews(server) {
  /** @type {number | null} */
  let known = null;
  async function ask() {
    const news = document.hidden ? null : await server.model_news({ number: known }).catch(() => null);
    if (news?.about) {
      known = news.number;
      onestroke.setModel(news.about);
    }
    if (known === null || news?.changes !== false) setTimeout(ask, NEWS_MS);
  }
  ask();
}
