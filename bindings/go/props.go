// Props: Go values to JSON without a silent change, and JSON to what a handler declared.

package eyot

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sort"
	"strings"
	"unicode/utf8"
)

// EncodeProps writes props as the JSON object that travels in a token: a map with string keys, which are sorted, or a
// struct, as encoding/json writes them, with <, > and & as they are. Nil is an object without members. What JSON
// cannot hold is an *Error of the kind ErrProps that names the prop by its path, as props.items[2].price; text that
// is not UTF-8 is such an error too.
func EncodeProps(props any) ([]byte, error) {
	if props == nil {
		return []byte("{}"), nil
	}
	if raw, ok := props.(json.RawMessage); ok {
		return raw, nil
	}
	out, err := marshal(props)
	if err != nil {
		path, why := locate(reflect.ValueOf(props), "props", 0, err)
		return nil, propsError("%s: %s", path, why)
	}
	if len(out) == 0 || out[0] != '{' {
		return nil, propsError("props are one JSON object: pass a map or a struct, not %T", props)
	}
	// Text that is not UTF-8 would be changed without a word; encoding/json writes this in its place.
	if bytes.Contains(out, []byte(`\ufffd`)) {
		if path := invalidText(reflect.ValueOf(props), "props", 0); path != "" {
			return nil, propsError("%s: is not UTF-8", path)
		}
	}
	return out, nil
}

func marshal(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

func propsError(format string, arguments ...any) *Error {
	return &Error{Code: "props", Message: fmt.Sprintf(format, arguments...), kind: ErrProps}
}

// How deep props are searched for the one at fault; core takes no deeper ones either.
const maxDepth = 64

// locate finds the deepest prop that cannot be encoded, and says why without its value.
func locate(value reflect.Value, path string, depth int, err error) (string, string) {
	if depth < maxDepth && !marshals(value) {
		for _, child := range children(value) {
			if !child.value.CanInterface() {
				continue
			}
			if _, failed := marshal(child.value.Interface()); failed != nil {
				return locate(child.value, path+child.step, depth+1, failed)
			}
		}
	}
	var unsupported *json.UnsupportedTypeError
	var failed *json.MarshalerError
	switch {
	case depth == maxDepth:
		return path, "is nested too deeply"
	case errors.As(err, &unsupported):
		return path, unsupported.Type.String() + " is not JSON"
	case errors.As(err, &failed):
		return path, "the " + failed.Type.String() + " does not say what its JSON is"
	case value.IsValid() && (value.Kind() == reflect.Float64 || value.Kind() == reflect.Float32):
		return path, "NaN and infinities are not JSON: use nil or a string"
	}
	return path, "is not JSON"
}

// marshals tells whether a value writes its JSON itself.
func marshals(value reflect.Value) bool {
	if !value.IsValid() || !value.CanInterface() {
		return false
	}
	switch value.Interface().(type) {
	case json.Marshaler, encoding.TextMarshaler:
		return true
	}
	return false
}

type child struct {
	step  string
	value reflect.Value
}

// children are the members of an object or the elements of a list, as encoding/json sees them.
func children(value reflect.Value) []child {
	var found []child
	switch value.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !value.IsNil() {
			return []child{{"", value.Elem()}}
		}
	case reflect.Map:
		for _, key := range value.MapKeys() {
			found = append(found, child{fmt.Sprintf(".%v", key), value.MapIndex(key)})
		}
		sort.Slice(found, func(i, j int) bool { return found[i].step < found[j].step })
	case reflect.Slice, reflect.Array:
		for i := range value.Len() {
			found = append(found, child{fmt.Sprintf("[%d]", i), value.Index(i)})
		}
	case reflect.Struct:
		for _, field := range fieldsOf(value.Type()) {
			if at, err := value.FieldByIndexErr(field.index); err == nil {
				found = append(found, child{"." + field.name, at})
			}
		}
	}
	return found
}

// invalidText is the path of the first text that is not UTF-8.
func invalidText(value reflect.Value, path string, depth int) string {
	if !value.IsValid() || depth == maxDepth {
		return ""
	}
	if value.Kind() == reflect.String && !utf8.ValidString(value.String()) {
		return path
	}
	if value.Kind() == reflect.Map {
		for _, key := range value.MapKeys() {
			if key.Kind() == reflect.String && !utf8.ValidString(key.String()) {
				return path + ": a name"
			}
		}
	}
	for _, child := range children(value) {
		if found := invalidText(child.value, path+child.step, depth+1); found != "" {
			return found
		}
	}
	return ""
}

// field is a struct's field as encoding/json names it.
type field struct {
	name       string
	index      []int
	kind       reflect.Type
	isRequired bool
}

// fieldsOf lists the fields of a struct that travel; those of embedded structs without a name of their own are among
// them.
func fieldsOf(kind reflect.Type) []field {
	var fields []field
	for i := range kind.NumField() {
		member := kind.Field(i)
		tag, isTagged := member.Tag.Lookup("json")
		name, rest, _ := strings.Cut(tag, ",")
		if tag == "-" || !member.IsExported() && !member.Anonymous {
			continue
		}
		inner := member.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if member.Anonymous && (!isTagged || name == "") && inner.Kind() == reflect.Struct {
			for _, below := range fieldsOf(inner) {
				below.index = append([]int{i}, below.index...)
				fields = append(fields, below)
			}
			continue
		}
		if name == "" {
			name = member.Name
		}
		mayBeMissing := strings.Contains(rest, "omitempty") || strings.Contains(rest, "omitzero")
		isRequired := !mayBeMissing && member.Type.Kind() != reflect.Pointer
		fields = append(fields, field{name, []int{i}, member.Type, isRequired})
	}
	return fields
}

// decodeProps reads props into `target`, a pointer, strictly: each prop has a field of exactly its name, and each field
// without omitempty, omitzero or a pointer has a prop. The error says where, without a value.
func decodeProps(props []byte, target any) error {
	kind := reflect.TypeOf(target)
	if kind == nil || kind.Kind() != reflect.Pointer || reflect.ValueOf(target).IsNil() {
		return configError("props are read into a pointer that is not nil, such as &props")
	}
	var tree any
	if err := decode(props, &tree); err != nil {
		return mismatch("props: are not JSON")
	}
	if err := fits(tree, kind.Elem(), "props"); err != nil {
		return err
	}
	err := decode(props, target)
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong):
		path := "props"
		if wrong.Field != "" {
			path += "." + wrong.Field
		}
		is, _, _ := strings.Cut(wrong.Value, " ")
		return mismatch("%s: a %s does not fit into %s", path, is, wrong.Type)
	}
	// Its text may hold values.
	return mismatch("props: %T", err)
}

func decode(text []byte, target any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return decoder.Decode(target)
}

func mismatch(format string, arguments ...any) *Error {
	return &Error{Code: "props-type", Message: fmt.Sprintf(format, arguments...), kind: ErrProps}
}

var (
	unmarshaler     = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// fits checks what encoding/json lets pass: members of no field, fields of no member, and null for what cannot be nil.
func fits(value any, kind reflect.Type, path string) error {
	if reflect.PointerTo(kind).Implements(unmarshaler) || reflect.PointerTo(kind).Implements(textUnmarshaler) {
		return nil
	}
	switch kind.Kind() {
	case reflect.Pointer:
		if value == nil {
			return nil
		}
		return fits(value, kind.Elem(), path)
	case reflect.Interface:
		return nil
	case reflect.Struct:
		return fitsStruct(value, kind, path)
	case reflect.Map:
		if members, ok := value.(map[string]any); ok {
			for name, member := range members {
				if err := fits(member, kind.Elem(), path+"."+name); err != nil {
					return err
				}
			}
		}
		return nil
	case reflect.Slice, reflect.Array:
		if elements, ok := value.([]any); ok {
			for i, element := range elements {
				if err := fits(element, kind.Elem(), fmt.Sprintf("%s[%d]", path, i)); err != nil {
					return err
				}
			}
		}
		return nil
	}
	if value == nil {
		return mismatch("%s: is null instead of %s", path, kind)
	}
	return nil
}

func fitsStruct(value any, kind reflect.Type, path string) error {
	members, ok := value.(map[string]any)
	if !ok {
		return mismatch("%s: is no object", path)
	}
	known := map[string]bool{}
	for _, field := range fieldsOf(kind) {
		known[field.name] = true
		member, found := members[field.name]
		if !found && field.isRequired {
			return mismatch("%s.%s: is missing", path, field.name)
		}
		if found {
			if err := fits(member, field.kind, path+"."+field.name); err != nil {
				return err
			}
		}
	}
	for name := range members {
		if !known[name] {
			return mismatch("%s: %s has no field %q", path, kind, name)
		}
	}
	return nil
}
