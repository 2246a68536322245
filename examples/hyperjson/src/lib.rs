use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString};

/// JSON from Python objects, without the corners that a real library has to care about.
#[pymodule]
pub mod hyperjson {
    use super::*;

    /// The JSON text of None, a boolean, number, string, list or dictionary.
    #[pyfunction]
    pub fn dumps(value: &Bound<'_, PyAny>) -> PyResult<String> {
        let mut text = String::new();
        write(value, &mut text)?;
        Ok(text)
    }
}

fn write(value: &Bound<'_, PyAny>, text: &mut String) -> PyResult<()> {
    if value.is_none() {
        text.push_str("null");
    } else if let Ok(boolean) = value.cast::<PyBool>() {
        text.push_str(if boolean.is_true() { "true" } else { "false" });
    } else if value.is_instance_of::<PyInt>() || value.is_instance_of::<PyFloat>() {
        text.push_str(value.str()?.to_str()?);
    } else if let Ok(string) = value.cast::<PyString>() {
        quote(string.to_str()?, text);
    } else if let Ok(list) = value.cast::<PyList>() {
        text.push('[');
        for (index, item) in list.iter().enumerate() {
            separate(index, text);
            write(&item, text)?;
        }
        text.push(']');
    } else if let Ok(dict) = value.cast::<PyDict>() {
        text.push('{');
        for (index, (key, item)) in dict.iter().enumerate() {
            separate(index, text);
            quote(key.cast::<PyString>()?.to_str()?, text);
            text.push(':');
            write(&item, text)?;
        }
        text.push('}');
    } else {
        return Err(PyTypeError::new_err(format!("{value} has no JSON form")));
    }
    Ok(())
}

fn separate(index: usize, text: &mut String) {
    if index > 0 {
        text.push(',');
    }
}

fn quote(string: &str, text: &mut String) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' | '\\' => text.extend(['\\', character]),
            '\n' => text.push_str("\\n"),
            control if control < ' ' => text.push_str(&format!("\\u{:04x}", control as u32)),
            other => text.push(other),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_values() {
        Python::initialize();
        Python::attach(|py| {
            let value = py
                .eval(c"{'a': [1, 2.5, None, True, 'x\"y']}", None, None)
                .unwrap();
            assert_eq!(
                hyperjson::dumps(&value).unwrap(),
                r#"{"a":[1,2.5,null,true,"x\"y"]}"#
            );
        });
    }
}
