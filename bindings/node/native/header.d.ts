// Written by `npm run build:native` from the Rust sources. Handles are opaque: each stands for an object of core's.
export interface Assembly { readonly __assembly: never }
export interface Exchange { readonly __exchange: never }
export interface Islands { readonly __islands: never }
export interface KeyRing { readonly __keyRing: never }
export interface Paths<T> { readonly __paths: T }
export interface Prepared { readonly __prepared: never }
export interface ShellPolicy { readonly __shellPolicy: never }
export interface Splitter { readonly __splitter: never }
export interface WayOut { readonly __wayOut: never }
