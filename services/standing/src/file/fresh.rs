//! A new file that gets its name once it is whole and on disk: a crash leaves it or none.

use standing_server::engine::store::disk::{folder, sync_folder};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// What a file is called before it has its name.
const PART: &str = ".standing-part-";

/// A file that is being written.
pub struct Fresh {
    part: NamedTempFile,
    path: PathBuf,
}

impl Fresh {
    /// Begins a file, in the folder where it will be.
    ///
    /// # Errors
    /// There is a file of that name (`AlreadyExists`), or the folder cannot be written to.
    pub fn begin(path: &Path) -> io::Result<Self> {
        if path.try_exists()? {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        Self::over(path)
    }

    /// Begins a file that will take the place of another.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn over(path: &Path) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        Ok(Self {
            part: builder.prefix(PART).tempfile_in(folder(path))?,
            path: path.to_owned(),
        })
    }

    /// Returns where it stands for now.
    pub fn part(&self) -> &Path {
        self.part.path()
    }

    /// Returns the file, to be written to.
    pub fn file(&mut self) -> &mut File {
        self.part.as_file_mut()
    }

    /// Gives it its name.
    ///
    /// # Errors
    /// Another file has taken the name, or the disk fails.
    pub fn keep(self) -> io::Result<()> {
        self.part.as_file().sync_all()?;
        self.part
            .persist_noclobber(&self.path)
            .map_err(|error| error.error)?;
        sync_folder(&self.path)
    }

    /// Gives it its name, whatever has that now.
    ///
    /// # Errors
    /// The disk fails.
    pub fn replace(self) -> io::Result<()> {
        self.part.as_file().sync_all()?;
        self.part.persist(&self.path).map_err(|error| error.error)?;
        sync_folder(&self.path)
    }
}

/// Returns whether a file is what a process left of a file that it had begun.
pub fn is_left_over(name: &str) -> bool {
    name.starts_with(PART)
}
