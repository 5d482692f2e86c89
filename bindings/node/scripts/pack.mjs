// Packs the package as it is published: `node scripts/pack.mjs FOLDER` writes the main tarball, and that of each
// platform whose addon stands in native/. The main package names all platforms as optional dependencies, at exactly its
// version.

import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const out = resolve(process.argv[2] ?? "npm");
const {
  devDependencies: _,
  scripts: __,
  napi,
  ...manifest
} = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** What npm calls a platform, by Rust's name for it. */
const PLATFORMS = {
  "x86_64-unknown-linux-gnu": { name: "linux-x64-gnu", os: "linux", cpu: "x64", libc: "glibc" },
  "x86_64-unknown-linux-musl": { name: "linux-x64-musl", os: "linux", cpu: "x64", libc: "musl" },
  "aarch64-unknown-linux-gnu": { name: "linux-arm64-gnu", os: "linux", cpu: "arm64", libc: "glibc" },
  "aarch64-unknown-linux-musl": { name: "linux-arm64-musl", os: "linux", cpu: "arm64", libc: "musl" },
  "x86_64-apple-darwin": { name: "darwin-x64", os: "darwin", cpu: "x64" },
  "aarch64-apple-darwin": { name: "darwin-arm64", os: "darwin", cpu: "arm64" },
  "x86_64-pc-windows-msvc": { name: "win32-x64-msvc", os: "win32", cpu: "x64" },
  "aarch64-pc-windows-msvc": { name: "win32-arm64-msvc", os: "win32", cpu: "arm64" },
};

mkdirSync(out, { recursive: true });
const platforms = napi.targets.map((target) => PLATFORMS[target]);
for (const platform of platforms) packPlatform(platform);
packMain();

function packPlatform({ name, os, cpu, libc }) {
  const file = `eyot.${name}.node`;
  if (!existsSync(join(root, "native", file))) return;
  const { version, license, repository, engines } = manifest;
  const description = `The native part of eyot for ${name}`;
  const own = { name: `eyot-${name}`, version, description, license, repository, engines, main: file, files: [file] };
  pack({ ...own, os: [os], cpu: [cpu], ...(libc && { libc: [libc] }) }, (folder) => {
    copyFileSync(join(root, "native", file), join(folder, file));
    writeFileSync(
      join(folder, "README.md"),
      `# eyot-${name}\n\n${description}. Installed by \`eyot\`; of no use alone.\n`,
    );
  });
}

function packMain() {
  const optionalDependencies = Object.fromEntries(platforms.map(({ name }) => [`eyot-${name}`, manifest.version]));
  pack({ ...manifest, optionalDependencies }, (folder) => {
    cpSync(join(root, "dist"), join(folder, "dist"), { recursive: true });
    mkdirSync(join(folder, "native"));
    for (const file of ["index.js", "index.d.ts"])
      copyFileSync(join(root, "native", file), join(folder, "native", file));
    copyFileSync(join(root, "README.md"), join(folder, "README.md"));
  });
}

function pack(own, fill) {
  const folder = mkdtempSync(join(tmpdir(), "eyot-pack-"));
  fill(folder);
  for (const licence of ["LICENSE-APACHE", "LICENSE-MIT"])
    copyFileSync(join(root, "../..", licence), join(folder, licence));
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(own, null, 2)}\n`);
  execFileSync("npm", ["pack", "--silent", "--pack-destination", out], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
  });
  rmSync(folder, { recursive: true });
}
