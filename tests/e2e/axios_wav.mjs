// What a WAV file says about itself, read from its header byte by byte.
export function describe(base64) {
  const file = Buffer.from(base64, "base64");
  const found = {
    riff: file.toString("latin1", 0, 4),
    wave: file.toString("latin1", 8, 12),
    whole: file.readUInt32LE(4) + 8 === file.length,
  };
  for (let at = 12; at + 8 <= file.length; ) {
    const name = file.toString("latin1", at, at + 4);
    const size = file.readUInt32LE(at + 4);
    if (name === "fmt ") {
      found.format = file.readUInt16LE(at + 8);
      found.channels = file.readUInt16LE(at + 10);
      found.rate = file.readUInt32LE(at + 12);
      found.bytes_a_second = file.readUInt32LE(at + 16);
      found.bytes_a_frame = file.readUInt16LE(at + 20);
      found.bits = file.readUInt16LE(at + 22);
    }
    if (name === "data") {
      found.seconds = size / found.bytes_a_second;
      found.peak = peak(file.subarray(at + 8, at + 8 + size));
      found.whole = found.whole && at + 8 + size <= file.length;
    }
    at += 8 + size + (size % 2);
  }
  return found;
}

function peak(data) {
  let most = 0;
  for (let at = 0; at + 1 < data.length; at += 2) {
    most = Math.max(most, Math.abs(data.readInt16LE(at)));
  }
  return most / 32768;
}
