// What a dependency of the tests leaves untyped.

declare module "html-minifier-terser" {
  export function minify(html: string, options: Record<string, boolean>): Promise<string>;
}
