// Package static holds libeyot.a and eyot.h for builds with the tag eyot_static. Releases of this module bring both; in a
// copy of the repository `make go-static` puts them here.
package static
