//! Keys: made, and read from where hosts read them.

use std::env;
use std::fs::OpenOptions;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use eyot::KeyRing;

use crate::error::Error;
use crate::print;

/// Arguments of `eyot keygen`.
#[derive(Args)]
pub(crate) struct Keygen {
    /// Put the new key in front of those of a key file, which is made where there is none: it seals from now on, and the
    /// others still open the shells in caches
    #[arg(long, value_name = "FILE")]
    add: Option<PathBuf>,
}

impl Keygen {
    pub(crate) fn run(&self) -> Result<ExitCode, Error> {
        let key = new_key()?;
        match &self.add {
            None => print(format!("{key}\n").as_bytes()),
            Some(file) => add(file, &key),
        }
    }
}

fn new_key() -> Result<String, Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::new("the system's randomness", &error))?;
    Ok(base64_simd::STANDARD.encode_to_string(bytes))
}

/// Writes the file anew with the key before the others, in its place: a new file would have another owner.
fn add(path: &Path, key: &str) -> Result<ExitCode, Error> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|error| Error::at(path, &error))?;
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(|error| Error::at(path, &error))?;
    let whole = format!("{key}\n{text}");
    KeyRing::parse_file(&whole).map_err(|error| Error::at(path, &error))?;
    let written = file.rewind().and_then(|()| file.write_all(whole.as_bytes())).and_then(|()| file.sync_all());
    written.map_err(|error| Error::at(path, &error))?;
    anstream::eprintln!("{}: the new key is the first; servers read the file again by themselves", path.display());
    Ok(ExitCode::SUCCESS)
}

/// Where keys come from.
#[derive(Args)]
pub(crate) struct Keys {
    /// A key file, in place of EYOT_KEYS and EYOT_KEYS_FILE in the environment
    #[arg(long, value_name = "FILE")]
    keys_file: Option<PathBuf>,
}

impl Keys {
    /// The key ring; an error says where one is looked for.
    pub(crate) fn read(&self) -> Result<KeyRing, Error> {
        self.find()?.ok_or_else(|| {
            Error::text(
                "no key: set EYOT_KEYS or EYOT_KEYS_FILE to what your server has, or name a file by --keys-file; \
                 `eyot keygen` makes one",
            )
        })
    }

    /// The key ring, where there is one.
    pub(crate) fn find(&self) -> Result<Option<KeyRing>, Error> {
        if let Some(file) = &self.keys_file {
            return from_file(file).map(Some);
        }
        if let Ok(text) = env::var("EYOT_KEYS") {
            return KeyRing::parse(&text).map(Some).map_err(|error| Error::new("EYOT_KEYS", &error));
        }
        env::var_os("EYOT_KEYS_FILE").map(|file| from_file(Path::new(&file))).transpose()
    }
}

fn from_file(path: &Path) -> Result<KeyRing, Error> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::at(path, &error))?;
    KeyRing::parse_file(&text).map_err(|error| Error::at(path, &error))
}
