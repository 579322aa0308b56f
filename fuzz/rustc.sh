#!/bin/sh
# rustc with the fuzzer's instruments, the same as `cargo fuzz` has them, for all that is not part of the build itself. Optimised a
# little, because it is run so often. As cargo's RUSTC_WORKSPACE_WRAPPER it is for our own crates alone.
case " $* " in
*" --crate-type proc-macro "* | *" build_script_build "*) exec "$@" ;;
esac
exec "$@" --cfg fuzzing -Copt-level=1 -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
  -Cllvm-args=-sanitizer-coverage-trace-compares -Cllvm-args=-sanitizer-coverage-stack-depth
