//! Files compressed once, so that the front-end server need not.

use std::fs::{self, File};
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

/// Extensions worth compressing; pictures and fonts are compressed already.
const COMPRESSED: [&str; 6] = ["html", "js", "css", "wasm", "svg", "webmanifest"];
const BROTLI_WINDOW_BITS: i32 = 22;
const BROTLI_BEST: i32 = 11;

#[derive(Clone)]
/// A file that was compressed.
pub struct Compressed {
    /// Below the folder.
    pub name: String,
    pub plain_bytes: u64,
    pub brotli_bytes: u64,
}

/// Puts `.br` and `.gz` beside each file below a folder.
pub fn all_below(folder: &Path) -> anyhow::Result<Vec<Compressed>> {
    let mut compressed = Vec::new();
    for file in files_below(folder)? {
        let extension = file
            .extension()
            .and_then(|extension| extension.to_str())
            .unwrap_or_default();
        if !COMPRESSED.contains(&extension) {
            continue;
        }
        let plain_bytes = fs::metadata(&file)?.len();
        let brotli_bytes = write_brotli(&file)?;
        write_gzip(&file)?;
        let name = file.strip_prefix(folder).unwrap_or(&file);
        compressed.push(Compressed {
            name: name.display().to_string(),
            plain_bytes,
            brotli_bytes,
        });
    }
    Ok(compressed)
}

fn write_brotli(file: &Path) -> anyhow::Result<u64> {
    let mut input = BufReader::new(File::open(file)?);
    let mut output = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_BEST,
        lgwin: BROTLI_WINDOW_BITS,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut input, &mut output, &parameters)
        .with_context(|| format!("cannot compress {}", file.display()))?;
    fs::write(appended(file, "br"), &output)?;
    Ok(output.len() as u64)
}

fn write_gzip(file: &Path) -> anyhow::Result<()> {
    let mut encoder = flate2::write::GzEncoder::new(
        File::create(appended(file, "gz"))?,
        flate2::Compression::best(),
    );
    encoder.write_all(&fs::read(file)?)?;
    encoder
        .finish()
        .with_context(|| format!("cannot compress {}", file.display()))?;
    Ok(())
}

fn appended(file: &Path, extension: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

fn files_below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in
            fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?
        {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path)
            } else {
                files.push(path)
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn what_is_compressed_unpacks_to_the_same() {
        let dist = tempfile::tempdir().unwrap();
        fs::create_dir(dist.path().join("icons")).unwrap();
        let text = "tiffin ".repeat(1000);
        fs::write(dist.path().join("index.html"), &text).unwrap();
        fs::write(dist.path().join("icons/tin.svg"), &text).unwrap();
        fs::write(dist.path().join("photo.webp"), &text).unwrap();

        let files = all_below(dist.path()).unwrap();

        let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["icons/tin.svg", "index.html"]);
        let mut unpacked = String::new();
        brotli::Decompressor::new(File::open(dist.path().join("index.html.br")).unwrap(), 4096)
            .read_to_string(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, text);
        let mut unpacked = String::new();
        flate2::read::GzDecoder::new(File::open(dist.path().join("icons/tin.svg.gz")).unwrap())
            .read_to_string(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, text);
        assert!(!dist.path().join("photo.webp.br").exists());
    }
}
