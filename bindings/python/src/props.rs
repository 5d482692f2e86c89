//! Props bytes: Python objects straight to the bytes that `json.dumps(…, separators=(",", ":"), ensure_ascii=False,
//! allow_nan=False)` would give, or an error that names the prop's path.

use eyot::props::append_string;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::type_object::PyTypeInfo;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use pyo3::{PyTypeCheck, intern};

use crate::errors::PropsError;

/// Nesting that core's own check allows too; a cycle ends here.
const MAX_DEPTH: usize = 64;

/// The JSON of `props`, which is a `dict` or `None` (no props).
///
/// `default` is called with whatever JSON cannot hold, and returns what stands in for it.
///
/// # Errors
/// `eyot.PropsError` with the path, also where `default` raises a `TypeError`, as the json module's encoders do for what
/// they do not know; whatever else `default` raises.
pub(crate) fn encode(props: Option<&Bound<'_, PyAny>>, default: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<u8>> {
    let Some(props) = props.filter(|props| !props.is_none()) else { return Ok(b"{}".to_vec()) };
    let mut out = Vec::with_capacity(256);
    encode_into(props, default, &mut out)?;
    Ok(out)
}

fn encode_into(props: &Bound<'_, PyAny>, default: Option<&Bound<'_, PyAny>>, out: &mut Vec<u8>) -> PyResult<()> {
    let mut encoder = Encoder { default, out, depth: 0 };
    let written = match props.cast::<PyDict>() {
        Ok(dict) => encoder.dict(dict),
        Err(_) => Err(Failure::not_json(props, "is not a dict: pass the props by name")),
    };
    written.map_err(|failure| failure.into_py(props.py()))
}

struct Encoder<'a, 'py> {
    default: Option<&'a Bound<'py, PyAny>>,
    out: &'a mut Vec<u8>,
    depth: usize,
}

impl<'py> Encoder<'_, 'py> {
    /// Most props are of these types themselves, and asking that costs no call.
    fn value(&mut self, value: &Bound<'py, PyAny>) -> Result<(), Failure> {
        if let Some(text) = as_exact::<PyString>(value) {
            self.text(text)
        } else if let Some(number) = as_exact::<PyInt>(value) {
            self.int(number)
        } else if let Some(number) = as_exact::<PyFloat>(value) {
            self.float(number)
        } else if let Some(dict) = as_exact::<PyDict>(value) {
            self.dict(dict)
        } else {
            self.rarer(value)
        }
    }

    // Subclasses go the way of their base, as in the json module; a bool is an int, so it comes first.
    fn rarer(&mut self, value: &Bound<'py, PyAny>) -> Result<(), Failure> {
        if value.is_none() {
            self.put(b"null")
        } else if let Some(flag) = as_type::<PyBool>(value) {
            self.put(if flag.is_true() { b"true" } else { b"false" })
        } else if let Some(text) = as_type::<PyString>(value) {
            self.text(text)
        } else if let Some(number) = as_type::<PyInt>(value) {
            self.int(number)
        } else if let Some(number) = as_type::<PyFloat>(value) {
            self.float(number)
        } else if let Some(dict) = as_type::<PyDict>(value) {
            self.dict(dict)
        } else if let Some(list) = as_type::<PyList>(value) {
            self.sequence(|| list.len(), |index| list.get_item(index))
        } else if let Some(tuple) = as_type::<PyTuple>(value) {
            self.sequence(|| tuple.len(), |index| tuple.get_item(index))
        } else {
            self.other(value)
        }
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn text(&mut self, text: &Bound<'py, PyString>) -> Result<(), Failure> {
        let text = text.to_str().map_err(|_| Failure::new("a lone surrogate is not text: encode or drop it"))?;
        append_string(text, self.out);
        Ok(())
    }

    fn int(&mut self, number: &Bound<'py, PyInt>) -> Result<(), Failure> {
        if let Ok(small) = number.extract::<i64>() {
            return self.put(itoa::Buffer::new().format(small).as_bytes());
        }
        // int's own method: a subclass such as IntEnum has another idea of its text.
        let text = number
            .py()
            .get_type::<PyInt>()
            .call_method1(intern!(number.py(), "__repr__"), (number,))
            .map_err(|_| Failure::new("int has too many digits: pass it as a str"))?;
        self.ascii(&text)
    }

    fn float(&mut self, number: &Bound<'py, PyFloat>) -> Result<(), Failure> {
        if !number.value().is_finite() {
            return Err(Failure::new("NaN and infinities are not JSON: use None or a str"));
        }
        write_float(number.value(), self.out);
        Ok(())
    }

    fn ascii(&mut self, text: &Bound<'py, PyAny>) -> Result<(), Failure> {
        self.put(text.cast::<PyString>().map_err(PyErr::from)?.to_str()?.as_bytes())
    }

    fn dict(&mut self, dict: &Bound<'py, PyDict>) -> Result<(), Failure> {
        // Only `default` runs the user's code, which may change the dict that is being walked.
        let copied;
        let dict = if self.default.is_some() {
            copied = dict.copy()?;
            &copied
        } else {
            dict
        };
        self.enter(b'{')?;
        for (position, (key, value)) in dict.iter().enumerate() {
            if position > 0 {
                self.out.push(b',');
            }
            let key = key.cast_into::<PyString>().map_err(|refused| Failure::bad_key(&refused.into_inner()))?;
            self.text(&key).map_err(|failure| failure.at("a key"))?;
            self.out.push(b':');
            self.value(&value).map_err(|failure| failure.below_key(&key))?;
        }
        self.leave(b'}')
    }

    // `default` may shorten a list while it is walked: the length is asked for each time.
    fn sequence(
        &mut self,
        len: impl Fn() -> usize,
        item: impl Fn(usize) -> PyResult<Bound<'py, PyAny>>,
    ) -> Result<(), Failure> {
        self.enter(b'[')?;
        let mut index = 0;
        while index < len() {
            let value = item(index)?;
            if index > 0 {
                self.out.push(b',');
            }
            self.value(&value).map_err(|failure| failure.below_index(index))?;
            index += 1;
        }
        self.leave(b']')
    }

    fn other(&mut self, value: &Bound<'py, PyAny>) -> Result<(), Failure> {
        let Some(default) = self.default else {
            return Err(Failure::not_json(value, "is not JSON: convert it, or pass default="));
        };
        // What `default` returns may need `default` again; the depth bounds that as well.
        self.deeper()?;
        let stand_in = default.call1((value,)).map_err(|error| Failure::of_default(value, error))?;
        self.value(&stand_in)?;
        self.depth -= 1;
        Ok(())
    }

    fn enter(&mut self, bracket: u8) -> Result<(), Failure> {
        self.deeper()?;
        self.out.push(bracket);
        Ok(())
    }

    fn leave(&mut self, bracket: u8) -> Result<(), Failure> {
        self.out.push(bracket);
        self.depth -= 1;
        Ok(())
    }

    fn deeper(&mut self) -> Result<(), Failure> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Failure::new("nested deeper than 64 levels, or within itself: pass an id instead"));
        }
        Ok(())
    }
}

/// A cast whose failure costs nothing: [`Bound::cast`] makes an error for each type that it is not.
fn as_type<'a, 'py, T: PyTypeCheck>(value: &'a Bound<'py, PyAny>) -> Option<&'a Bound<'py, T>> {
    if T::type_check(value) { value.cast().ok() } else { None }
}

/// A cast for those that are of the type itself.
fn as_exact<'a, 'py, T: PyTypeInfo>(value: &'a Bound<'py, PyAny>) -> Option<&'a Bound<'py, T>> {
    if value.is_exact_instance_of::<T>() { value.cast_exact().ok() } else { None }
}

/// Appends a finite float as Python's `float.__repr__` writes it. zmij differs in small numbers alone: it writes
/// `0.000015` for Python's `1.5e-05`, and `1.5e-6` for `1.5e-06`.
fn write_float(value: f64, out: &mut Vec<u8>) {
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(value);
    let (sign, digits) = if let Some(digits) = text.strip_prefix('-') { ("-", digits) } else { ("", text) };
    let parts = if let Some((mantissa, exponent)) = digits.split_once("e-").filter(|(_, exponent)| exponent.len() == 1)
    {
        [sign, mantissa, "", "", "e-0", exponent]
    } else if let Some((first, rest)) = digits.strip_prefix("0.0000").and_then(|digits| digits.split_at_checked(1)) {
        [sign, first, if rest.is_empty() { "" } else { "." }, rest, "e-0", "5"]
    } else {
        [text, "", "", "", "", ""]
    };
    parts.iter().for_each(|part| out.extend_from_slice(part.as_bytes()));
}

/// What went wrong below the point reached so far. The path grows while the recursion unwinds, so that props without a
/// fault pay nothing for it.
enum Failure {
    Props {
        path: Vec<String>,
        what: String,
        cause: Option<PyErr>,
    },
    /// An exception of `default`, or of the interpreter: passed on as it is.
    Raised(PyErr),
}

impl Failure {
    fn new(what: &str) -> Self {
        Self::Props { path: Vec::new(), what: what.to_owned(), cause: None }
    }

    fn not_json(value: &Bound<'_, PyAny>, why: &str) -> Self {
        Self::new(&format!("{} {why}", type_name(value)))
    }

    /// A `TypeError` is what an encoder says of a type that it does not know. Its text may hold the value, so it is the
    /// cause alone.
    fn of_default(value: &Bound<'_, PyAny>, error: PyErr) -> Self {
        if !error.is_instance_of::<PyTypeError>(value.py()) {
            return Self::Raised(error);
        }
        let what = format!("{} is not JSON, and default= does not know it: convert it", type_name(value));
        Self::Props { path: Vec::new(), what, cause: Some(error) }
    }

    fn bad_key(key: &Bound<'_, PyAny>) -> Self {
        Self::new(&format!("a key is {} instead of str", type_name(key)))
    }

    fn at(self, what_part: &str) -> Self {
        match self {
            Self::Props { path, what, cause } => Self::Props { path, what: format!("{what_part}: {what}"), cause },
            raised => raised,
        }
    }

    fn below(mut self, step: impl FnOnce() -> String) -> Self {
        if let Self::Props { path, .. } = &mut self {
            path.push(step());
        }
        self
    }

    fn below_key(self, key: &Bound<'_, PyString>) -> Self {
        self.below(|| match key.to_str() {
            Ok(name) if is_identifier(name) => format!(".{name}"),
            Ok(name) => format!("[{name:?}]"),
            Err(_) => "[?]".to_owned(),
        })
    }

    fn below_index(self, index: usize) -> Self {
        self.below(|| format!("[{index}]"))
    }

    fn into_py(self, py: Python<'_>) -> PyErr {
        match self {
            Self::Props { path, what, cause } => {
                let path: String = path.into_iter().rev().collect();
                let error = PropsError::new_err((format!("props{path}: {what}"), "props"));
                error.set_cause(py, cause);
                error
            }
            Self::Raised(error) => error,
        }
    }
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Self::Raised(error)
    }
}

fn type_name(value: &Bound<'_, PyAny>) -> String {
    value.get_type().name().map_or_else(|_| "a value".to_owned(), |name| name.to_string())
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
