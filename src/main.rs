//! The `innerward` command; all of it is in [`innerward::cli`].

/// Tells want of memory in a confined process from every other end.
#[global_allocator]
static MEMORY: innerward::jail::Allocator = innerward::jail::Allocator;

fn main() -> std::process::ExitCode {
    innerward::cli::main()
}
