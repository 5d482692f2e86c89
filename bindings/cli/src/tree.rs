//! Files of a site: found below a directory, read, and written so that a stop in the middle leaves whole files.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::error::Error;

/// All files below a directory, by their paths from it, in order.
pub(crate) fn files(root: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for entry in WalkDir::new(root).sort_by_file_name() {
        let entry = entry.map_err(|error| Error::text(error.to_string()))?;
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(root).map_err(|error| Error::at(entry.path(), &error))?;
            files.push(path.to_owned());
        }
    }
    Ok(files)
}

/// Whether a file is a page by its name.
pub(crate) fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|extension| ["html", "htm"].iter().any(|html| extension.eq_ignore_ascii_case(html)))
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|error| Error::at(path, &error))
}

/// Writes a whole file or nothing: beside its place first, then in it.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || {
        fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new().prefix(".eyot-").tempfile_in(folder)?;
        file.write_all(bytes)?;
        if let Ok(before) = fs::metadata(path) {
            file.as_file().set_permissions(before.permissions())?;
        } else {
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
            }
        }
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(|error: std::io::Error| Error::at(path, &error))
}
