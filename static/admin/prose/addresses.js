// What someone types or pastes as a link, as the address that a reader's browser can open.
// prose/links.py does the same for what is stored; tests hold the two together.

const FILES = /\.(html?|php|aspx?|pdf|docx?|xlsx?|pptx?|md|txt|png|jpe?g|gif|svg|zip)$/i;
const HOST = /^[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*\.\p{L}[\p{L}\p{N}-]+\.?(:\d+)?(?=$|[/?#])/u;
const EMAIL = /^[^\s@/:?#<>"]+@[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*\.\p{L}[\p{L}\p{N}-]+(?=$|\?)/u;
const TELEPHONE = /^\+[\d\s().-]{6,24}$/;

export const linkAddress = (written) => {
  const text = written.trim().replace(/^<(.*)>$/, "$1");
  const typo = /^(https?)(?::\/?|\/\/?)(?=[^\s/])(?!\/)/i.exec(text);
  if (typo && HOST.test(text.slice(typo[0].length))) return `${typo[1].toLowerCase()}://${text.slice(typo[0].length)}`;
  if (text.startsWith("//")) return `https:${text}`;
  if (EMAIL.test(text)) return `mailto:${text}`;
  if (TELEPHONE.test(text)) return `tel:${text.replace(/[^+\d]/g, "")}`;
  const host = HOST.exec(text);
  if (host && !(host[0].length === text.length && FILES.test(text))) return `https://${text}`;
  return text;
};
