// What the server says to a turn, in one word: saved, signed-out, refused, gone, too-long, or
// unreachable for whatever is no answer of ours.
const PATIENCE = 20_000;
const MAX_KEEPALIVE = 60_000; // bytes that browsers send after their page is gone

const KINDS = { 400: "too-long", 403: "refused", 404: "gone", 413: "too-long" };

async function ask(url, options) {
  const asked = { redirect: "manual", signal: AbortSignal.timeout(PATIENCE), ...options };
  try {
    const answer = await fetch(url, { ...asked, headers: { Accept: "application/json", ...asked.headers } });
    if (answer.type === "opaqueredirect") return { kind: "signed-out" };
    if (!answer.ok) return { kind: KINDS[answer.status] ?? "unreachable" };
    return { kind: "saved", said: await answer.json() };
  } catch {
    return { kind: "unreachable" };
  }
}

export const look = (url) => ask(url, {});

export async function send(url, token, turn, { isLast = false } = {}) {
  const body = JSON.stringify(turn);
  const keepalive = isLast && body.length * 3 < MAX_KEEPALIVE;
  return ask(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body,
    keepalive,
  });
}
