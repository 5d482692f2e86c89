module github.com/eyot-dev/eyot/benches/hosts/go

go 1.25.0

require github.com/eyot-dev/eyot/bindings/go v0.0.0

replace github.com/eyot-dev/eyot/bindings/go => ../../../bindings/go
