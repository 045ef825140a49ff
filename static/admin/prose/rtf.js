// The pictures of a text that Word put on the clipboard: they are in its RTF, as hexadecimal digits; its
// HTML only names files that a browser may not read.
const KINDS = [["\\pngblip", "image/png"], ["\\jpegblip", "image/jpeg"]];
const DIGITS = /[\da-f][\da-f\s]{40,}/i;

const bytesOf = (digits) => {
  const hex = digits.replace(/\s+/g, "");
  const bytes = new Uint8Array(hex.length >> 1);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16);
  return bytes;
};

// In the order of the text. What old programs get beside each (a metafile) is none of them.
export const picturesOfRtf = (rtf) => {
  const found = [];
  for (const piece of rtf.split("\\pict").slice(1)) {
    const kind = KINDS.find(([word]) => piece.includes(word));
    const id = /\{\\\*\\blipuid[^}]*\}/.exec(piece);
    const digits = kind && DIGITS.exec(id ? piece.slice(id.index + id[0].length) : piece);
    if (digits) found.push(new File([bytesOf(digits[0])], "", { type: kind[1] }));
  }
  return found;
};
