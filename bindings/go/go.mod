module github.com/eyot-dev/eyot/bindings/go

go 1.24.0
