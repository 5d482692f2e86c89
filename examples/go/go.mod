module github.com/eyot-dev/eyot/examples/go

go 1.24.0

require github.com/eyot-dev/eyot/bindings/go v0.0.0

require github.com/mattn/go-sqlite3 v1.14.53

replace github.com/eyot-dev/eyot/bindings/go => ../../bindings/go
