// Builds portal/static/vendor from the packages pinned in package.json.
//
//   npm run build   writes the files, their licences and vendor.json
//   npm run check   builds in memory and fails when a committed file differs
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build as bundle } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const vendor = join(here, "..", "portal", "static", "vendor");

const unchanged = (text) => text;

// Pico goes into a cascade layer, so that every rule of ours wins whatever its specificity.
const inLayer = (text) => {
  const [charset, rest] = [text.slice(0, text.indexOf(";") + 1), text.slice(text.indexOf(";") + 1)];
  return `${charset}@layer pico{${rest.trim()}}\n`;
};

const assets = [
  {
    package: "htmx.org",
    source: "dist/htmx.min.js",
    file: "htmx.min.js",
    license: "LICENSE",
    change: unchanged,
    changed: null,
  },
  {
    package: "@picocss/pico",
    source: "css/pico.classless.min.css",
    file: "pico.css",
    license: "LICENSE.md",
    change: inLayer,
    changed: "wrapped in the cascade layer pico",
  },
];

const read = (name, path) => readFile(join(here, "node_modules", name, path), "utf8");

async function build(asset) {
  const text = asset.change(await read(asset.package, asset.source));
  const { entry, files } = await entryOf(asset, text);
  return { entries: [entry], files: { [asset.file]: text, ...files } };
}

// What vendor.json says of a package whose text is in a file, and its licence.
async function entryOf(asset, text) {
  const { version, license } = JSON.parse(await read(asset.package, "package.json"));
  const licenseFile = `licenses/${asset.package.replace("@", "").replace("/", "-")}.txt`;
  const entry = {
    name: asset.package,
    version,
    license,
    license_file: licenseFile,
    file: asset.file,
    sha256: createHash("sha256").update(text).digest("hex"),
    changed: asset.changed,
  };
  return { entry, files: { [licenseFile]: await read(asset.package, asset.license) } };
}

// Modules of many packages in one file: each package is named, with its licence.
const bundles = [{ source: "src/codemirror.js", file: "codemirror.min.js" }];

async function buildBundle({ source, file }) {
  const { outputFiles, metafile } = await bundle({
    absWorkingDir: here,
    entryPoints: [source],
    bundle: true,
    format: "esm",
    legalComments: "none",
    metafile: true,
    minify: true,
    target: "es2022",
    write: false,
  });
  const text = outputFiles[0].text;
  const used = Object.entries(Object.values(metafile.outputs)[0].inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1]);
  const packages = [...new Set(used.filter(Boolean))].sort();
  const parts = await Promise.all(
    packages.map((name) =>
      entryOf({ package: name, file, license: "LICENSE", changed: `bundled by ${source}` }, text),
    ),
  );
  return { entries: parts.map(({ entry }) => entry), files: Object.assign({ [file]: text }, ...parts.map(({ files }) => files)) };
}

async function buildAll() {
  const built = [...(await Promise.all(assets.map(build))), ...(await Promise.all(bundles.map(buildBundle)))];
  const manifest = JSON.stringify(built.flatMap(({ entries }) => entries), null, 2) + "\n";
  return Object.assign({ "vendor.json": manifest }, ...built.map(({ files }) => files));
}

async function write(files) {
  await rm(vendor, { recursive: true, force: true });
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(vendor, name)), { recursive: true });
    await writeFile(join(vendor, name), text);
  }
}

async function differences(files) {
  const found = await readdir(vendor, { recursive: true, withFileTypes: true });
  const committed = found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(vendor, join(entry.parentPath, entry.name)));
  const missing = Object.keys(files).filter((name) => !committed.includes(name));
  const others = await Promise.all(
    committed.map(async (name) => ((await readFile(join(vendor, name), "utf8")) === files[name] ? null : name)),
  );
  return [...missing, ...others.filter(Boolean)];
}

const files = await buildAll();
if (process.argv.includes("--check")) {
  const wrong = await differences(files);
  if (wrong.length > 0) {
    console.error(`portal/static/vendor differs from what package.json builds: ${wrong.join(", ")}`);
    process.exit(1);
  }
} else {
  await write(files);
}
