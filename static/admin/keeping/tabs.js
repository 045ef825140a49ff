// The other windows of this browser: which of them are open, and whether one opened this form, too.
const ANSWER_WITHIN = 200; // ms

const channel = "BroadcastChannel" in window ? new BroadcastChannel("keeping") : null;

// `me` is read when it is needed: an empty form that became an article has another name.
export function listen(me, onOther) {
  channel?.addEventListener("message", ({ data }) => {
    const { person, form, window: mine } = me();
    if (data.who === mine) return;
    if (data.ask) channel.postMessage({ here: mine, to: data.who });
    if (data.opens && data.person === person && data.form === form) onOther();
  });
}

// Asked again, it has not been opened again.
export function others({ person, form, window: mine }, { opens }) {
  const found = new Set();
  if (!channel) return Promise.resolve(found);
  return new Promise((resolve) => {
    const hear = ({ data }) => {
      if (data.here && data.to === mine) found.add(data.here);
    };
    channel.addEventListener("message", hear);
    channel.postMessage({ ask: true, opens, who: mine, person, form });
    setTimeout(() => {
      channel.removeEventListener("message", hear);
      resolve(found);
    }, ANSWER_WITHIN);
  });
}
