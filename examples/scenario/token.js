// Seals tokens as the token layout says, from Node's own cryptography: the shop must take what another program seals,
// and the tests can make what no honest page holds, such as a token that has expired.

import { createCipheriv, createHmac, randomBytes } from "node:crypto";

/**
 * @typedef {object} Options
 * @property {Record<string, unknown>} [props]
 * @property {number} [expires] Unix seconds
 * @property {Buffer} [kid] another key's id
 */

/**
 * A token for an island, sealed with the first of the keys.
 *
 * @param {string} keys as in EYOT_KEYS
 * @param {string} name
 * @param {Options} [options]
 */
export function seal(keys, name, { props = {}, expires, kid } = {}) {
  const master = Buffer.from(keys.split(",")[0] ?? "", "base64");
  const header = Buffer.concat([
    Buffer.from([1, expires === undefined ? 0 : 1]),
    kid ?? derive(master, "eyot/1 kid", 4),
    expires === undefined ? Buffer.alloc(0) : u32(expires),
  ]);
  const aad = Buffer.concat([Buffer.from("eyot/1"), header, Buffer.from([2]), framed(name), framed("")]);
  const payload = Buffer.concat([framed(JSON.stringify(props)), framed(""), framed("")]);
  const nonce = randomBytes(24);
  const body = xaes(derive(master, "eyot/1 seal", 32), nonce, payload, aad);
  return Buffer.concat([header, nonce, body]).toString("base64url");
}

/**
 * HKDF-Expand with SHA-256, for lengths of one block.
 *
 * @param {Buffer} key
 * @param {string} info
 * @param {number} length
 */
function derive(key, info, length) {
  return createHmac("sha256", key).update(info).update(Buffer.from([1])).digest().subarray(0, length);
}

/**
 * XAES-256-GCM (C2SP): a key for these first twelve bytes of the nonce by CMAC, then AES-256-GCM with the other twelve.
 *
 * @param {Buffer} key
 * @param {Buffer} nonce 24 bytes
 * @param {Buffer} plaintext
 * @param {Buffer} aad
 */
export function xaes(key, nonce, plaintext, aad) {
  const k1 = double(block(key, Buffer.alloc(16)));
  const half = (/** @type {number} */ i) => {
    const m = Buffer.concat([Buffer.from([0, i, 0x58, 0]), nonce.subarray(0, 12)]);
    return block(key, m.map((byte, at) => byte ^ (k1[at] ?? 0)));
  };
  const cipher = createCipheriv("aes-256-gcm", Buffer.concat([half(1), half(2)]), nonce.subarray(12)).setAAD(aad);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** @param {Buffer} key @param {Uint8Array} bytes */
function block(key, bytes) {
  return createCipheriv("aes-256-ecb", key, null).setAutoPadding(false).update(bytes);
}

/** Twice a block in the field of CMAC. @param {Buffer} bytes */
function double(bytes) {
  const doubled = Buffer.from(bytes.map((byte, i) => (byte << 1) | ((bytes[i + 1] ?? 0) >> 7)));
  if ((bytes[0] ?? 0) & 0x80) doubled[15] = (doubled[15] ?? 0) ^ 0x87;
  return doubled;
}

/** @param {string} text */
function framed(text) {
  return Buffer.concat([u32(Buffer.byteLength(text)), Buffer.from(text)]);
}

/** @param {number} value */
function u32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
