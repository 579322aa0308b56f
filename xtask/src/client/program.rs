//! What trunk leaves of a program, script and wasm, as they are served: named by their content, and, where Node.js is there
//! for the tools, without what nothing calls and with short names between the two.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::tools::node;
use crate::{command, paths};

/// Names below `dist/`.
pub struct Program {
    pub script: String,
    pub wasm: String,
}

/// What rustc's WebAssembly may use.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];
/// What makes it small, one after the other: twice, because what the first time finds makes room for the second. The first
/// thousand bytes of memory are the far end of the stack, where no program that works ever is.
const SHRINK: [&str; 7] = [
    "--strip-producers",
    "--strip-target-features",
    "--low-memory-unused",
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
];
/// Digits of the hash in a name, as trunk's; the front-end server lets such names be kept for ever.
const HASH_DIGITS: usize = 16;

/// Replaces trunk's files of the program `name` by the ones that are served.
pub fn finish(dist: &Path, name: &str) -> anyhow::Result<Program> {
    let (script_file, wasm_file) = built(dist, name)?;
    let script = fs::read_to_string(&script_file)?;
    let wasm = fs::read(&wasm_file)?;
    let small = match node::ensure_wasm_tools()? {
        Some(tools) => Some(Work::new(name, tools)?.shrink(&script, &wasm)?),
        None => None,
    };
    let wasm = small.as_ref().map_or(&wasm, |small| &small.wasm);
    let wasm_name = format!("{name}-{}_bg.wasm", hash(wasm));
    let script = match &small {
        Some(small) => small.script(&wasm_name)?,
        None => script + &start(&format!("/{wasm_name}")),
    };
    let script_name = format!("{name}-{}.js", hash(script.as_bytes()));
    fs::remove_file(script_file)?;
    fs::remove_file(wasm_file)?;
    fs::write(dist.join(&wasm_name), wasm)?;
    fs::write(dist.join(&script_name), script)?;
    Ok(Program {
        script: script_name,
        wasm: wasm_name,
    })
}

/// The script and the wasm, whose names have a hash or not.
fn built(dist: &Path, name: &str) -> anyhow::Result<(PathBuf, PathBuf)> {
    let find = |end: &str| {
        let is_it = |file: &str| {
            let between = file
                .strip_prefix(name)
                .and_then(|rest| rest.strip_suffix(end));
            between.is_some_and(|between| between.is_empty() || between.starts_with('-'))
        };
        let mut entries = fs::read_dir(dist).into_iter().flatten().flatten();
        entries
            .find(|entry| entry.file_name().to_str().is_some_and(is_it))
            .map(|entry| entry.path())
            .with_context(|| format!("trunk made no {name}{end}"))
    };
    Ok((find(".js")?, find("_bg.wasm")?))
}

fn start(wasm: &str) -> String {
    format!("\n__wbg_init({{ module_or_path: \"{wasm}\" }});\n")
}

fn hash(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    digits[..HASH_DIGITS].to_owned()
}

/// A folder to work in, and the tools.
struct Work {
    folder: PathBuf,
    tools: PathBuf,
}

struct Small {
    work: Work,
    wasm: Vec<u8>,
    /// Not yet minified: that makes the names short that the wasm does not know of.
    script: String,
}

/// What wasm-opt calls the names that script and wasm share: module, old, new for an import, old, new for an export.
#[derive(Deserialize)]
struct Names {
    imports: Vec<(String, String, String)>,
    exports: Vec<(String, String)>,
}

impl Work {
    fn new(name: &str, tools: PathBuf) -> anyhow::Result<Self> {
        let folder = paths::target().join("client").join(name);
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        Ok(Self { folder, tools })
    }

    fn shrink(self, script: &str, wasm: &[u8]) -> anyhow::Result<Small> {
        fs::write(self.path("built.wasm"), wasm)?;
        // What only registers destructors of classes that nobody uses keeps those classes otherwise.
        let script = script.replace(
            "new FinalizationRegistry(",
            "/* @__PURE__ */ new FinalizationRegistry(",
        );
        fs::write(self.path("program.js"), script)?;
        let entry =
            "import start from \"./program.js\";\nstart({ module_or_path: WHERE_THE_WASM_IS });\n";
        fs::write(self.path("entry.js"), entry)?;
        self.esbuild(
            "entry.js",
            "used.js",
            &[
                "--bundle",
                "--minify-syntax",
                "--define:Symbol.dispose=undefined",
            ],
        )?;
        let used = fs::read_to_string(self.path("used.js"))?;

        fs::write(self.path("graph.json"), graph(&used))?;
        self.wasm_tool("wasm-metadce", |command| {
            command.args([
                "built.wasm",
                "--graph-file",
                "graph.json",
                "-o",
                "used.wasm",
            ])
        })?;
        let names = self.wasm_tool("wasm-opt", |command| {
            command.args(SHRINK).args([
                "--minify-imports-and-exports-and-modules",
                "used.wasm",
                "-o",
                "small.wasm",
            ])
        })?;
        let names: Names =
            serde_json::from_str(&names).context("wasm-opt tells names in another way")?;
        Ok(Small {
            wasm: fs::read(self.path("small.wasm"))?,
            script: renamed(&used, &names)?,
            work: self,
        })
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    fn esbuild(&self, from: &str, to: &str, options: &[&str]) -> anyhow::Result<()> {
        let mut esbuild = command::program(self.tools.join("esbuild"));
        esbuild
            .current_dir(&self.folder)
            .args([from, "--format=esm", "--log-level=error"])
            .arg(format!("--outfile={to}"))
            .args(options);
        command::output(&mut esbuild)
            .map(|_| ())
            .with_context(|| format!("esbuild failed on {}", self.path(from).display()))
    }

    /// What it prints.
    fn wasm_tool(
        &self,
        tool: &str,
        with: impl FnOnce(&mut std::process::Command) -> &mut std::process::Command,
    ) -> anyhow::Result<String> {
        let mut command = command::program(self.tools.join(tool));
        command.current_dir(&self.folder).args(FEATURES);
        command::output(with(&mut command))
            .with_context(|| format!("{tool} failed in {}", self.folder.display()))
    }
}

impl Small {
    fn script(&self, wasm_name: &str) -> anyhow::Result<String> {
        let named = self
            .script
            .replace("WHERE_THE_WASM_IS", &format!("\"/{wasm_name}\""));
        fs::write(self.work.path("named.js"), named)?;
        self.work.esbuild("named.js", "small.js", &["--minify"])?;
        Ok(fs::read_to_string(self.work.path("small.js"))?)
    }
}

/// For wasm-metadce: what the script calls, and nothing else, is a root.
fn graph(script: &str) -> String {
    let used: BTreeSet<&str> = exports_used(script).map(|(_, name)| name).collect();
    let mut nodes = vec![serde_json::json!({ "name": "script", "root": true, "reaches": used })];
    nodes.extend(
        used.iter()
            .map(|name| serde_json::json!({ "name": name, "export": name })),
    );
    serde_json::Value::from(nodes).to_string()
}

/// Where the script says `wasm.name`: the place of the name, and the name.
fn exports_used(script: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$';
    script
        .match_indices("wasm.")
        .filter(move |(at, _)| *at == 0 || !is_name(script.as_bytes()[at - 1]))
        .map(move |(at, found)| {
            let start = at + found.len();
            let length = script[start..]
                .bytes()
                .take_while(|byte| is_name(*byte))
                .count();
            (start, &script[start..start + length])
        })
}

/// The script with the wasm's new names. Functions that the wasm imports stand one after the other in an object of their
/// module's name, which wasm-opt shortens too; those that it no longer imports go.
fn renamed(script: &str, names: &Names) -> anyhow::Result<String> {
    let Some((module, _, _)) = names.imports.first() else {
        bail!("the wasm imports nothing");
    };
    let opening = format!("    \"{module}\": {{\n");
    let start = script
        .find(&opening)
        .with_context(|| format!("the script has no {module}"))?;
    let inner = start + opening.len();
    let end = script[inner..]
        .find("\n    }\n")
        .map(|length| inner + length + 1)
        .context("the script's imports do not end")?;

    let mut imports = String::new();
    let mut is_kept = true;
    for line in script[inner..end].lines() {
        let member = line
            .strip_prefix("      ")
            .filter(|rest| rest.starts_with(|first: char| first == '_' || first.is_alphabetic()))
            .and_then(|rest| rest.split_once(':'));
        if let Some((name, rest)) = member {
            let new = names.imports.iter().find(|(_, old, _)| old == name);
            is_kept = new.is_some() || name == "__proto__";
            let new = new.map_or(name, |(_, _, new)| new);
            if is_kept {
                imports.push_str(&format!("      {new}:{rest}\n"));
            }
        } else if is_kept {
            imports.push_str(line);
            imports.push('\n');
        }
    }
    let whole = [&script[..start], "    \"a\": {\n", &imports, &script[end..]].concat();

    let mut renamed = String::new();
    let mut copied = 0;
    for (at, old) in exports_used(&whole) {
        let (_, new) = names
            .exports
            .iter()
            .find(|(name, _)| name == old)
            .with_context(|| format!("the wasm does not export {old}"))?;
        renamed.push_str(&whole[copied..at]);
        renamed.push_str(new);
        copied = at + old.len();
    }
    Ok(renamed + &whole[copied..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "function get_imports() {
  return {
    __proto__: null,
    \"./shop_bg.js\": {
      __proto__: null,
      __wbg_now_1: function() {
        return wasm.memory;
      },
      __wbg_gone_2: function() {
        return 2;
      }
    }
  };
}
wasm.start(not_wasm.start);
";

    #[test]
    fn only_what_the_script_calls_is_a_root() {
        let names: Vec<&str> = exports_used(SCRIPT).map(|(_, name)| name).collect();
        assert_eq!(names, ["memory", "start"]);
        assert!(graph(SCRIPT).contains(r#"{"export":"start","name":"start"}"#));
    }

    #[test]
    fn script_and_wasm_agree_on_the_new_names() {
        let names: Names = serde_json::from_str(
            r#"{"imports": [["./shop_bg.js", "__wbg_now_1", "b"]], "exports": [["memory", "c"], ["start", "d"]]}"#,
        )
        .unwrap();
        let script = renamed(SCRIPT, &names).unwrap();
        assert!(script.contains("\"a\": {\n      __proto__: null,\n      b: function() {\n        return wasm.c;\n      },\n    }\n"));
        assert!(script.contains("wasm.d(not_wasm.start);"));
        assert!(!script.contains("gone"));
    }
}
