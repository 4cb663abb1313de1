/** Pictures from disk: scaled as Telegram's own apps do before they send. */

const LONGEST_SIDE_PX = 1280;
const JPEG_QUALITY = 0.87;
let samples = 0;

/** Return the number of another sample picture than last time. */
export function nextSample() {
  samples += 1;
  return samples;
}

/** Return a JPEG of *file*, at most 1280 pixels long, as {base64, preview}. Throws when it is no picture. */
export async function readPicture(file) {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST_SIDE_PX / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const preview = canvas.toDataURL("image/jpeg", JPEG_QUALITY);
  return { base64: preview.slice(preview.indexOf(",") + 1), preview };
}

/** Return the pictures among dropped or pasted things. */
export function picturesIn(transfer) {
  return [...(transfer?.files || [])].filter((file) => file.type.startsWith("image/"));
}
