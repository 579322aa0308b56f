#!/bin/sh
# Runs rustc with the instrumentation of `cargo fuzz`, except for build scripts and procedural macros, which run during the build.
# As cargo's RUSTC_WORKSPACE_WRAPPER it instruments the workspace's own crates only. Level 1 optimisation: a fuzz target runs its
# code many thousand times a second.
case " $* " in
*" --crate-type proc-macro "* | *" build_script_build "*) exec "$@" ;;
esac
exec "$@" --cfg fuzzing -Copt-level=1 -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
  -Cllvm-args=-sanitizer-coverage-trace-compares -Cllvm-args=-sanitizer-coverage-stack-depth
